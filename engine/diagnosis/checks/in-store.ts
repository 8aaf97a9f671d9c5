import { scopeOf } from '../../certificate/computer.js';
import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { evidenceOf, named, repairOf, withKey } from '../certificates.js';
import { counted, judgeEach, skipped, type Check, type Judgment } from '../finding.js';

/** Each certificate on the cards that belongs there is in the store: a user's in a user's, a computer's in the machine's. */
export const inStore: Check = {
  name: 'InStore',
  judge(facts) {
    const { store } = facts;
    if (store.kind !== 'Seen') return [skipped('The store could not be read.')];
    const { name, certificates, corrupt, scope } = store.value;
    const belongs = ({ info }: CertificateOnCard): boolean => scopeOf(info) === scope;
    const known = new Set([
      ...certificates.map(({ entry }) => entry.thumbprint),
      ...corrupt.map((entry) => entry.name.toUpperCase()),
    ]);
    const missing = (source: CertificateOnCard): Judgment | null =>
      known.has(source.info.thumbprint) ? null : notThere(source, name);
    return judgeEach(withKey(facts).filter(belongs), missing, {
      none: 'No certificate on the cards has a key and belongs into this store.',
      passed: (count) => `${counted(count, 'certificate')} of the cards: all are in the store ${name}.`,
    });
  },
};

function notThere(source: CertificateOnCard, store: string): Judgment {
  return {
    status: 'Failed',
    finding: `${named(source)} is not in the store ${store}.`,
    evidence: { ...evidenceOf(source), store },
    remedy: 'Invoke-CertPropagation, or Test-CertPropagation -Repair.',
    repair: repairOf(source),
  };
}
