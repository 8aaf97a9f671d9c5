import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { hasKey, withMovedKeys } from '../../propagation/links.js';
import { evidenceOf, named, ofKeys, repairOf } from '../certificates.js';
import type { Facts } from '../facts.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';

/** Each certificate's key is the one in its container: otherwise signatures fail with NTE_BAD_SIGNATURE. */
export const cardKeys: Check = {
  name: 'CardKeys',
  judge(facts) {
    return judgeEach(ofKeys(facts), wrongKey(facts), {
      none: 'No certificate of a key could be read from the cards.',
      passed: (count) =>
        `${counted(count, 'certificate')}: no card gives another key than its certificate has.`,
    });
  },
};

function wrongKey({ cards }: Facts): (source: CertificateOnCard) => Judgment | null {
  const moved = withMovedKeys(cards.certificates);
  return (source) => {
    if (hasKey(source)) return null;
    if (source.file.key === 'None') return noKey(source);
    const holder = moved.find(
      ({ file, info }) => file.fileName === source.file.fileName && info === source.info,
    );
    return otherKey(source, holder !== undefined && hasKey(holder) ? holder : null);
  };
}

function noKey(source: CertificateOnCard): Judgment {
  return {
    status: 'Failed',
    finding: `${named(source)} has no key: the card names none for it.`,
    evidence: { ...evidenceOf(source), container: null },
    remedy:
      'Have the card issued again. Invoke-CertPropagation -AllowUnlinked stores the certificate without a link, for reading old mail addresses only.',
  };
}

/** @param holder of the same card, whose container has the certificate's key */
function otherKey(source: CertificateOnCard, holder: CertificateOnCard | null): Judgment {
  const container = source.file.container?.name ?? null;
  const evidence = {
    ...evidenceOf(source),
    container,
    holder: holder?.file.container?.name ?? null,
    error: '0x80090006 NTE_BAD_SIGNATURE',
  };
  const finding = `${named(source)} belongs to another key than the one in its container: signatures will fail.`;
  return holder === null
    ? {
        status: 'Failed',
        finding,
        evidence,
        remedy: 'Have the certificate issued again for the key that the card has.',
      }
    : {
        ...{ status: 'Failed', finding, evidence },
        remedy:
          'Another container has the key: link the certificate to it with Invoke-CertPropagation, or Test-CertPropagation -Repair.',
        repair: repairOf(source),
      };
}
