import { evidenceOf, inStore, isArchived, named, type StoredOnCard } from '../certificates.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';

/** No certificate of an inserted card is archived: programs would not see it. */
export const archived: Check = {
  name: 'Archived',
  judge: (facts) =>
    judgeEach(inStore(facts), hidden, {
      none: 'No certificate of the cards is in the store.',
      passed: (count) => `${counted(count, 'certificate')} of the cards: none is archived.`,
    }),
};

function hidden({ source, stored }: StoredOnCard): Judgment | null {
  if (!isArchived(stored)) return null;
  const { thumbprint } = source.info;
  return {
    status: 'Failed',
    finding: `${named(source)} is in the store, but archived: programs do not see it.`,
    evidence: { ...evidenceOf(source), archived: true },
    remedy: `Remove-PropagatedCertificate -Thumbprint ${thumbprint}, then Invoke-CertPropagation: it comes back unarchived.`,
  };
}
