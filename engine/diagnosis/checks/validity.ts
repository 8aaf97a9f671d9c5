import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { evidenceOf as cardEvidence } from '../../propagation/evidence.js';
import { originOf } from '../../propagation/origin.js';
import type { StoredCertificate } from '../../propagation/stored-certificate.js';
import { evidenceOf, named, personal, storedIn } from '../certificates.js';
import type { Facts } from '../facts.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';

const soon = 30 * 24 * 60 * 60 * 1000;

/** The certificates are valid now, as far as their dates say. */
export const validity: Check = {
  name: 'Validity',
  judge(facts) {
    const onCards = personal(facts);
    const thumbprints = new Set(onCards.map(({ info }) => info.thumbprint));
    const left = storedIn(facts).filter(({ entry }) => !thumbprints.has(entry.thumbprint));
    const expired = left.map(leftExpired(facts)).filter((judgment) => judgment !== null);
    const judgments = judgeEach(onCards, outOfTime(facts), {
      none: 'No certificate of a key could be read from the cards.',
      passed: (count) => `${counted(count, 'certificate')} of the cards: all are valid now and for 30 days.`,
    });
    return [...judgments, ...expired];
  },
};

function outOfTime({ now }: Facts): (source: CertificateOnCard) => Judgment | null {
  return (source) => {
    const { notBefore, notAfter } = source.info;
    const evidence = {
      ...evidenceOf(source),
      notBefore: dateOf(notBefore),
      notAfter: dateOf(notAfter),
      now: dateOf(now),
    };
    const remedy = 'Have the certificate renewed, then Invoke-CertPropagation.';
    if (notAfter < now)
      return {
        status: 'Failed',
        finding: `${named(source)} expired on ${dateOf(notAfter)}.`,
        evidence,
        remedy,
      };
    if (notBefore > now)
      return {
        ...{
          status: 'Failed',
          finding: `${named(source)} is not valid before ${dateOf(notBefore)}.`,
          evidence,
        },
        remedy:
          "Set the machine's clock (w32tm /resync), if it is not right; else wait, or have the certificate issued again.",
      };
    return notAfter - now < soon
      ? { status: 'Warning', finding: `${named(source)} expires on ${dateOf(notAfter)}.`, evidence, remedy }
      : null;
  };
}

function leftExpired({ now }: Facts): (stored: StoredCertificate) => Judgment | null {
  return ({ entry, info }) => {
    if (info.notAfter >= now || cardEvidence(originOf(entry)) === null) return null;
    return {
      status: 'Warning',
      finding: `The store holds the certificate ${info.thumbprint} (${info.subject}) of a card that is not inserted; it expired on ${dateOf(info.notAfter)}.`,
      evidence: { thumbprint: info.thumbprint, notAfter: dateOf(info.notAfter) },
      remedy: `Remove-PropagatedCertificate -Thumbprint ${info.thumbprint}, unless old mail was encrypted to it.`,
    };
  };
}

/** Outside of what a Date holds, only the direction counts. */
function dateOf(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString().slice(0, 10);
}
