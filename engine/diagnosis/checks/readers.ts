import { counted, judgeEach, unseen, type Check, type Judgment } from '../finding.js';
import type { MeantReader } from '../facts.js';

/** There are readers, and they can be used. */
export const readers: Check = {
  name: 'Readers',
  judge(facts) {
    if (facts.readers.kind !== 'Seen') return [unseen(facts.readers)];
    if (facts.readers.value.length === 0) return [noReader];
    return judgeEach(facts.readers.value, unavailable, {
      none: '',
      passed: (count) => `${counted(count, 'reader')} can be used.`,
    });
  },
};

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
