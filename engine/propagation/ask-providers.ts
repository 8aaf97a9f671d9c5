/** What Windows' providers add to what was read from the cards: links to keys, and certificates of cards that nothing else reads. */
import { readCertificate } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { KeyProviders, ProviderContainer } from '../provider/provider.js';
import { hex, visible } from '../text.js';
import { linksTo, staleCopies } from './key-containers.js';
import type { CertificateOnCard } from './plan.js';
import type { CardRequest } from './read-cards.js';
import { certificateNotOnCard } from './card-error.js';
import { type CardObserver, severityOf } from './visit-cards.js';

/** A card that gave no certificate. */
export interface UnreadCard {
  readonly request: CardRequest;
  /** What there is to tell if the providers give none either. */
  readonly problems: readonly CertPropError[];
}

/**
 * Gives the certificates of the cards their links to the providers' containers, and tells what is stale in the providers' copies.
 * @param whole the readers whose cards were read in full
 */
export async function withLinks(
  providers: KeyProviders,
  certificates: readonly CertificateOnCard[],
  whole: ReadonlySet<string>,
  observer: CardObserver,
  signal: AbortSignal,
): Promise<readonly CertificateOnCard[]> {
  const readerNames = [...new Set(certificates.map(({ card }) => card.readerName))];
  const linked = readerNames.map(async (readerName) => {
    const ofReader = certificates.filter(({ card }) => card.readerName === readerName);
    const { containers, failures, answered } = await providers.containersOf(readerName, signal);
    for (const failure of failures) observer.problem(failure, 'warning');
    if (!answered) return ofReader;
    observer.verbose(`Reader "${visible(readerName)}": Windows' providers name ${containers.length} keys.`);
    if (whole.has(readerName)) {
      for (const finding of staleCopies(ofReader, containers)) observer.problem(finding, 'warning');
    }
    return ofReader.map((source) => ({ ...source, links: linksTo(source, containers) }));
  });
  return (await Promise.all(linked)).flat();
}

/**
 * The certificates that the providers have of cards which gave none by themselves.
 * @returns whether all these cards are known now
 */
export async function readThroughProviders(
  providers: KeyProviders,
  cards: readonly UnreadCard[],
  observer: CardObserver,
  found: (certificate: CertificateOnCard) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const read = cards.map((card) => readThroughProvider(providers, card, observer, found, signal));
  return (await Promise.all(read)).every(Boolean);
}

async function readThroughProvider(
  providers: KeyProviders,
  { request, problems }: UnreadCard,
  observer: CardObserver,
  found: (certificate: CertificateOnCard) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const { readerName, atr } = request.reader;
  const { containers, failures } = await providers.containersOf(readerName, signal);
  for (const failure of failures) observer.problem(failure, 'warning');
  const { certificates, unusable } = await certificatesIn(containers, atr === null ? '' : hex(atr));
  for (const problem of unusable) observer.problem(problem, 'error');
  const ofCard = certificates.filter(({ card }) => request.cardIds?.has(card.cardId) !== false);
  if (ofCard.length === 0) {
    for (const problem of problems) observer.problem(problem, severityOf(problem, request.named));
    return problems.length === 0 && failures.length === 0 && unusable.length === 0;
  }
  observer.verbose(
    `Reader "${visible(readerName)}": ${ofCard.length} certificates through Windows' providers.`,
  );
  const missing = new Set(request.mustHave ? request.thumbprints : []);
  for (const certificate of ofCard) {
    missing.delete(certificate.info.thumbprint);
    if (request.thumbprints?.has(certificate.info.thumbprint) !== false) found(certificate);
  }
  for (const thumbprint of missing) observer.problem(certificateNotOnCard(readerName, thumbprint), 'error');
  return failures.length === 0 && unusable.length === 0;
}

/** One certificate for all containers that give it. */
async function certificatesIn(
  containers: readonly ProviderContainer[],
  otherCardId: string,
): Promise<{ certificates: readonly CertificateOnCard[]; unusable: readonly CertPropError[] }> {
  const certificates = new Map<string, CertificateOnCard>();
  const unusable = new Map<string, CertPropError>();
  for (const [index, container] of containers.entries()) {
    if (container.certificate === null) continue;
    try {
      const certificate = await certificateIn(container, container.certificate, index, otherCardId);
      if (!certificates.has(certificate.info.thumbprint))
        certificates.set(certificate.info.thumbprint, certificate);
    } catch (error) {
      if (!(error instanceof CertPropError)) throw error;
      unusable.set(container.container, aboutContainer(error, container));
    }
  }
  return {
    certificates: [...certificates.values()].map((source) => ({
      ...source,
      links: linksTo(source, containers),
    })),
    unusable: [...unusable.values()],
  };
}

async function certificateIn(
  { readerName, container, keySpec, cardId, publicKey }: ProviderContainer,
  certificate: Uint8Array,
  index: number,
  otherCardId: string,
): Promise<CertificateOnCard> {
  return {
    card: { readerName, cardId: cardId ?? otherCardId, family: 'Minidriver' },
    file: {
      ...{ fileName: container, certificate, slot: null, label: null, isRoot: false },
      container: { index, name: container, isDefault: false },
      keySpec: keySpec === 2 ? 'Signature' : 'KeyExchange',
      key: 'Named',
    },
    info: await readCertificate(certificate),
    key: publicKey,
    links: null,
  };
}

function aboutContainer(error: CertPropError, { readerName, container }: ProviderContainer): CertPropError {
  const reader = visible(readerName);
  const file = visible(container);
  return new CertPropError(
    error.id,
    `The certificate that Windows' provider gives for the container "${file}" of the card in the reader "${reader}" can't be used: ${error.message}`,
    { ...error.details, readerName: reader, file },
    { cause: error },
  );
}
