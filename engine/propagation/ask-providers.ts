/** What Windows' providers add to what was read from the cards: links to keys, and certificates of cards that nothing else reads. */
import { readCertificate, readCertificateOrNull, type CertificateInfo } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { KeyProviders, ProviderCertificate, ProviderContainer } from '../provider/provider.js';
import { hex, visible } from '../text.js';
import { linksTo, staleCopies } from './key-containers.js';
import type { CardIdentity, CertificateOnCard } from './plan.js';
import type { CardRequest } from './read-cards.js';
import { certificateNotOnCard } from './card-error.js';
import { type CardObserver, severityOf } from './visit-cards.js';

/** A card that gave no certificate. */
export interface UnreadCard {
  readonly request: CardRequest;
  /** What there is to tell if the providers give none either. */
  readonly problems: readonly CertPropError[];
}

/** What is found with the providers besides what the cards gave. */
export interface ProviderFindings {
  readonly certificate: (certificate: CertificateOnCard) => void;
  /** Of a provider's own store of the certificates of a card's keys, with the properties that it has there. */
  readonly stored: (certificate: ProviderCertificate) => void;
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
  stored: ProviderFindings['stored'],
  signal: AbortSignal,
): Promise<readonly CertificateOnCard[]> {
  const readerNames = [...new Set(certificates.map(({ card }) => card.readerName))];
  const linked = readerNames.map(async (readerName) => {
    const ofReader = certificates.filter(({ card }) => card.readerName === readerName);
    const { containers, failures, answered, ...reading } = await providers.containersOf(readerName, signal);
    reading.stored.filter(isOfKey).forEach(stored);
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
  found: ProviderFindings,
  signal: AbortSignal,
): Promise<boolean> {
  const read = cards.map((card) => readThroughProvider(providers, card, observer, found, signal));
  return (await Promise.all(read)).every(Boolean);
}

async function readThroughProvider(
  providers: KeyProviders,
  { request, problems }: UnreadCard,
  observer: CardObserver,
  found: ProviderFindings,
  signal: AbortSignal,
): Promise<boolean> {
  const { readerName, atr } = request.reader;
  const { containers, failures, stored } = await providers.containersOf(readerName, signal);
  stored.filter(isOfKey).forEach(found.stored);
  for (const failure of failures) observer.problem(failure, 'warning');
  const { certificates, unusable } = await certificatesIn(containers, atr === null ? '' : hex(atr));
  const cardId = certificates[0]?.card.cardId;
  if (cardId !== undefined && request.thumbprints === null)
    for (const root of await rootsAmong(stored, { readerName, cardId })) found.certificate(root);
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
    if (request.thumbprints?.has(certificate.info.thumbprint) !== false) found.certificate(certificate);
  }
  for (const thumbprint of missing) observer.problem(certificateNotOnCard(readerName, thumbprint), 'error');
  return failures.length === 0 && unusable.length === 0;
}

/** Those that are no certificates are none of the card's roots. */
async function rootsAmong(
  stored: readonly ProviderCertificate[],
  card: Omit<CardIdentity, 'family'>,
): Promise<readonly CertificateOnCard[]> {
  const roots = new Map<string, CertificateOnCard>();
  for (const { store, certificate } of stored) {
    if (store !== 'Root') continue;
    const info = await readCertificateOrNull(certificate);
    if (info !== null)
      roots.set(info.thumbprint, rootOn({ ...card, family: 'Minidriver' }, certificate, info));
  }
  return [...roots.values()];
}

function rootOn(card: CardIdentity, certificate: Uint8Array, info: CertificateInfo): CertificateOnCard {
  return {
    card,
    file: {
      ...{ fileName: 'msroots', certificate, slot: null, label: null, isRoot: true },
      ...{ container: null, keySpec: null, key: 'None' },
    },
    info,
    ...{ key: null, links: null },
  };
}

function isOfKey({ store }: ProviderCertificate): boolean {
  return store === 'User';
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
