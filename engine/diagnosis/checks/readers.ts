import type { CertPropError } from '../../errors.js';
import { counted, judgeEach, unseen, type Check, type Judgment } from '../finding.js';
import type { MeantReader } from '../facts.js';

/** There are readers, those that were named among them, and they can be used. */
export const readers: Check = {
  name: 'Readers',
  judge(facts) {
    const missing = facts.cards.problems.filter(isMissingReader).map(notFound);
    if (missing.length > 0) return missing;
    if (facts.readers.kind !== 'Seen') return [unseen(facts.readers)];
    if (facts.readers.value.length === 0) return [noReader];
    return judgeEach(facts.readers.value, unavailable, {
      none: '',
      passed: (count) => `${counted(count, 'reader')} can be used.`,
    });
  },
};

export function isMissingReader({ id }: CertPropError): boolean {
  return id === 'ReaderNotFound';
}

function notFound({ id, message, details }: CertPropError): Judgment {
  return {
    status: 'Failed',
    finding: message,
    evidence: { reader: details.readerName ?? null, error: id },
    remedy: 'Give a name that Get-SmartCard shows, with wildcards if need be, or leave out -Reader.',
  };
}

const noReader: Judgment = {
  status: 'Failed',
  finding: 'There is no smart card reader.',
  evidence: { readers: 0 },
  remedy:
    'Plug a reader in, and see with Get-SmartCard that it is there. In a Remote Desktop session set redirectsmartcards:i:1 in the .rdp file and allow smart card redirection by policy.',
};

function unavailable({ reader: { readerName, status } }: MeantReader): Judgment | null {
  if (status !== 'Unavailable') return null;
  return {
    status: 'Failed',
    finding: `The reader "${readerName}" can't be used.`,
    evidence: { reader: readerName, state: status },
    remedy: 'Plug the reader in again, then see what Get-SmartCard says of it.',
  };
}
