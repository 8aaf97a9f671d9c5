import type { CertPropError } from '../../errors.js';
import { personal } from '../certificates.js';
import { counted, judgeEach, passed, skipped, type Check, type Judgment } from '../finding.js';
import { isStaleCopy } from './windows-cache.js';

/** The certificates on the cards can be read. */
export const cardCertificates: Check = {
  name: 'CardCertificates',
  judge(facts) {
    const damaged = facts.cards.problems.filter(isAboutFile);
    const count = personal(facts).length;
    if (damaged.length > 0) return judgeEach(damaged, unreadable, { none: '', passed: () => '' });
    if (count > 0) return [passed(`${counted(count, 'certificate')} could be read from the cards.`)];
    return [
      facts.cards.problems.length > 0 || facts.readers.kind !== 'Seen'
        ? skipped('No card could be read.')
        : none(facts.cards.certificates.length),
    ];
  },
};

/** One file of a card, whose other files could be read. */
export function isAboutFile(problem: CertPropError): boolean {
  return (
    problem.details.file !== undefined && problem.details.readerName !== undefined && !isStaleCopy(problem)
  );
}

function none(others: number): Judgment {
  return {
    status: 'Warning',
    finding: 'No card holds a certificate of a person.',
    evidence: { certificates: others },
    remedy:
      'Look into every slot with Get-CardCertificate -AllSlots, or have a certificate issued to the card.',
  };
}

function unreadable({ id, message, details }: CertPropError): Judgment {
  return {
    status: 'Failed',
    finding: message,
    evidence: {
      reader: details.readerName ?? null,
      card: details.cardId ?? null,
      file: details.file ?? null,
      error: id,
    },
    remedy:
      'Have the certificate written to the card again, or propagate what can be read: Invoke-CertPropagation.',
  };
}
