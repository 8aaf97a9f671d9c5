import { containerOf } from '../../certificate/key-link.js';
import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { linksFor } from '../../propagation/links.js';
import { originOf } from '../../propagation/origin.js';
import type { StoredCertificate } from '../../propagation/stored-certificate.js';
import { isArchived, linked, storedIn } from '../certificates.js';
import type { Facts } from '../facts.js';
import { counted, judgeEach, skipped, type Check, type Judgment } from '../finding.js';

/** No earlier certificate is left that leads to a container whose certificate is another one by now: programs offer both. */
export const duplicates: Check = {
  name: 'Duplicates',
  judge(facts) {
    if (facts.store.kind !== 'Seen') return [skipped('The store could not be read.')];
    const onCards = new Set(facts.cards.certificates.map(({ info }) => info.thumbprint));
    const others = storedIn(facts).filter(
      (stored) => !isArchived(stored) && !onCards.has(stored.entry.thumbprint),
    );
    return judgeEach(others, outdated(facts), {
      none: 'The store holds no certificates but those of the cards.',
      passed: (count) =>
        `${counted(count, 'other certificate')} in the store: none leads to a key of the cards.`,
    });
  },
};

function outdated(facts: Facts): (stored: StoredCertificate) => Judgment | null {
  const owners = containerOwners(facts);
  return ({ entry, info }) => {
    const origin = originOf(entry);
    if (origin.kind !== 'SmartCard') return null;
    const container = containerOf(origin.link);
    const owner = owners.get(container.toLowerCase());
    if (owner === undefined) return null;
    return {
      status: 'Failed',
      finding: `The store still holds the certificate ${info.thumbprint} (${info.subject}), which the card in the reader "${owner.card.readerName}" no longer has; its container "${container}" now belongs to ${owner.info.thumbprint}.`,
      evidence: {
        reader: owner.card.readerName,
        thumbprint: info.thumbprint,
        container,
        current: owner.info.thumbprint,
      },
      remedy: `Remove-PropagatedCertificate -Thumbprint ${info.thumbprint}`,
    };
  };
}

/** By name in lower case: as the cards and providers name them, and as the stored links of their certificates do. */
function containerOwners(facts: Facts): ReadonlyMap<string, CertificateOnCard> {
  const named = facts.cards.certificates.flatMap((source) =>
    linksFor(source, { keyProvider: 'Auto', keyContainer: null }).map((link) => ({ source, link })),
  );
  return new Map(
    [...linked(facts), ...named].map(({ source, link }) => [containerOf(link).toLowerCase(), source]),
  );
}
