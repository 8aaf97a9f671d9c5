import { linked, type LinkedOnCard } from '../certificates.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';
import { hasRightProvider } from './link-provider.js';

/** The keys of one card are all used by CSP or all by KSP: each keeps the PIN for itself, and with both people are asked again and again. */
export const providerMix: Check = {
  name: 'ProviderMix',
  judge: (facts) =>
    judgeEach(cardsOf(linked(facts).filter(hasRightProvider)), mixed, {
      none: 'No certificate of the cards is in the store with a link to a key on a smart card.',
      passed: (count) => `${counted(count, 'card')}: the keys of each are used by one kind of provider.`,
    }),
};

type Group = readonly [LinkedOnCard, ...LinkedOnCard[]];

function cardsOf(certificates: readonly LinkedOnCard[]): readonly Group[] {
  const groups = new Map<string, [LinkedOnCard, ...LinkedOnCard[]]>();
  for (const certificate of certificates) {
    const { readerName, cardId } = certificate.source.card;
    const key = `${readerName}\n${cardId}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [certificate]);
    else group.push(certificate);
  }
  return [...groups.values()];
}

function mixed(group: Group): Judgment | null {
  const ksp = group.filter(({ link }) => link.providerType === 0);
  const csp = group.filter(({ link }) => link.providerType !== 0);
  if (ksp.length === 0 || csp.length === 0) return null;
  const { readerName, cardId } = group[0].source.card;
  const wrong = {
    finding: `The card in the reader "${readerName}" is linked partly by CSP and partly by KSP: programs that use both ask for the PIN again and again.`,
    evidence: { reader: readerName, card: cardId, csp: thumbprints(csp), ksp: thumbprints(ksp) },
  };
  // The Base CSP has no other keys than RSA: with these the mixture is of somebody's making.
  return ksp.some(({ source }) => source.info.keyAlgorithm === 'RSA')
    ? {
        status: 'Failed',
        ...wrong,
        remedy: `Invoke-CertPropagation -Reader '${readerName}' -KeyProvider KSP (or CSP, if all its keys are RSA).`,
      }
    : {
        status: 'Warning',
        ...wrong,
        remedy: `Invoke-CertPropagation -Reader '${readerName}' -KeyProvider KSP, if its programs can use KSP.`,
      };
}

function thumbprints(certificates: readonly LinkedOnCard[]): string {
  return certificates.map(({ source }) => source.info.thumbprint).join(', ');
}
