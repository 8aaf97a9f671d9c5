import { containerOf, readerOf, type KeyLink } from '../../certificate/key-link.js';
import { linksFor } from '../../propagation/links.js';
import { evidenceOf, linked, named, repairOf, type LinkedOnCard } from '../certificates.js';
import type { Facts } from '../facts.js';
import { counted, judgeEach, skipped, type Check, type Judgment } from '../finding.js';
import { hasRightProvider } from './link-provider.js';

const anyProvider = { keyProvider: 'Auto', keyContainer: null } as const;

/** Each link names the container that holds the certificate's key. */
export const linkContainer: Check = {
  name: 'LinkContainer',
  judge(facts) {
    const suitable = linked(facts).filter(hasRightProvider);
    const judged = suitable.filter(({ source }) => containersOf(source).length > 0);
    if (suitable.length > 0 && judged.length === 0)
      return [
        skipped(
          "The cards name no containers of their keys: only Windows' providers do (PIV, PKCS#15, OpenPGP).",
        ),
      ];
    return judgeEach(judged, astray(facts), {
      none: 'No certificate of the cards is in the store with a link to a key on a smart card.',
      passed: (count) => `${counted(count, 'link')}: each names the container of its key.`,
    });
  },
};

/** Whether a later check may judge the link: its container holds the key. */
export function leadsToContainer({ source, link }: LinkedOnCard): boolean {
  return containersOf(source).some((known) => sameName(containerOf(known), containerOf(link)));
}

function containersOf(source: LinkedOnCard['source']): readonly KeyLink[] {
  return linksFor(source, anyProvider);
}

function astray(facts: Facts): (certificate: LinkedOnCard) => Judgment | null {
  const onCards = facts.cards.certificates;
  return (certificate) => {
    const { source, link } = certificate;
    const container = containerOf(link);
    if (!leadsToContainer(certificate)) {
      const owner = onCards.find((other) =>
        containersOf(other).some((known) => sameName(containerOf(known), container)),
      );
      const where =
        owner === undefined
          ? 'which no inserted card has'
          : `which holds the key of ${owner.info.thumbprint}`;
      return wrong(certificate, `${named(source)} is linked to the container "${container}", ${where}.`);
    }
    const reader = readerOf(link);
    return reader === null || sameName(reader, source.card.readerName)
      ? null
      : elsewhere(certificate, reader);
  };
}

/** A link that leads to the right container counts as good for propagation, which would leave it. */
function elsewhere({ source, link }: LinkedOnCard, reader: string): Judgment {
  return {
    status: 'Failed',
    finding: `${named(source)} is linked to a key in the reader "${reader}", where the card is not.`,
    evidence: { ...evidenceOf(source), container: link.container },
    remedy: `Remove-PropagatedCertificate -Thumbprint ${source.info.thumbprint}, then Invoke-CertPropagation.`,
  };
}

function wrong({ source, link }: LinkedOnCard, finding: string): Judgment {
  const wanted = containersOf(source)[0];
  return {
    status: 'Failed',
    finding,
    evidence: { ...evidenceOf(source), container: link.container, wanted: wanted?.container ?? null },
    remedy: 'Invoke-CertPropagation, or Test-CertPropagation -Repair.',
    repair: repairOf(source),
  };
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
