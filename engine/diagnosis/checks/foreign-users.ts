import { evidenceOf as cardEvidence } from '../../propagation/evidence.js';
import { isForeign } from '../../propagation/found-store.js';
import { originOf } from '../../propagation/origin.js';
import type { StoredCertificate } from '../../propagation/stored-certificate.js';
import { storedIn } from '../certificates.js';
import type { Facts, StoreFacts } from '../facts.js';
import { counted, judgeEach, skipped, type Check, type Judgment } from '../finding.js';

/** No certificate of another person's card stayed behind in the store. */
export const foreignUsers: Check = {
  name: 'ForeignUsers',
  judge(facts) {
    const { store } = facts;
    if (store.kind !== 'Seen') return [skipped('The store could not be read.')];
    if (store.value.userName === null) return [skipped('Nobody says whose store it is.')];
    const fromCards = storedIn(facts).filter(({ entry }) => cardEvidence(originOf(entry)) !== null);
    return judgeEach(fromCards, foreign(facts, store.value), {
      none: 'The store holds no certificate that came from a card.',
      passed: (count) => `${counted(count, 'certificate')} from cards in the store: none is another user's.`,
    });
  },
};

function foreign({ cards }: Facts, { userName }: StoreFacts): (stored: StoredCertificate) => Judgment | null {
  const onCards = new Set(cards.certificates.map(({ info }) => info.thumbprint));
  return ({ entry, info }) => {
    if (isForeign(info.upn, { userName, profilePath: null }) !== true) return null;
    const isInserted = onCards.has(entry.thumbprint);
    return {
      status: isInserted ? 'Warning' : 'Failed',
      finding: isInserted
        ? `The store holds the certificate ${info.thumbprint} (${info.subject}) of an inserted card, which is for another user name.`
        : `The store holds the certificate ${info.thumbprint} (${info.subject}) of another user, whose card left it behind.`,
      evidence: { thumbprint: info.thumbprint, upn: info.upn, user: userName },
      remedy: `Remove-PropagatedCertificate -Thumbprint ${info.thumbprint}`,
    };
  };
}
