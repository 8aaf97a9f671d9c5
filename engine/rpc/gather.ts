/** The certificates that a request means, from the cards in the readers and from a PKCS #11 module. */
import { CertPropError } from '../errors.js';
import type { ReaderInfo } from '../pcsc/reader.js';
import {
  readThroughProviders,
  type ProviderFindings,
  type UnreadCard,
  withLinks,
} from '../propagation/ask-providers.js';
import type { CertificateOnCard } from '../propagation/plan.js';
import { readCards, type CardContents, type CardRequest } from '../propagation/read-cards.js';
import type { CardObserver } from '../propagation/visit-cards.js';
import { certificatesOf } from '../propagation/read-tokens.js';
import { fits } from '../propagation/wildcard.js';
import { visible } from '../text.js';
import { chooseCards, chooseTargets } from './choose.js';
import type { CardTarget, Trace } from './contract.js';
import type { EventQueue } from './events.js';
import type { World } from './world.js';

export interface Wanted {
  /** Names or wildcards of readers, null for all. */
  readonly readers: readonly string[] | null;
  /** What piped objects point to; then `readers` does not count. */
  readonly targets: readonly CardTarget[] | null;
  readonly thumbprints: ReadonlySet<string> | null;
  readonly contents: CardContents;
  /** Whether each certificate's key is looked up among the system's providers. */
  readonly links: boolean;
  readonly pkcs11Module: string | null;
  readonly trace: Trace;
}

/**
 * @param stored hears of what the providers keep in stores of their own, where they are asked
 * @returns whether everything that is meant could be read to the end
 */
export async function gather(
  world: World,
  wanted: Wanted,
  out: EventQueue,
  found: (certificate: CertificateOnCard) => void,
  signal: AbortSignal,
  stored: ProviderFindings['stored'] = () => undefined,
): Promise<boolean> {
  const observer = out.observer(wanted.trace);
  const modulePath = wanted.pkcs11Module ?? (await defaultModule(world, out));
  const tokens =
    modulePath === null || wanted.contents.files === 'Roots'
      ? { certificates: [], complete: true }
      : await certificatesOf(await world.readPkcs11(modulePath, signal), observer);

  const present = await presentReaders(world, modulePath !== null, out);
  const tokenReaders = new Set(tokens.certificates.map(({ card }) => visible(card.readerName)));
  const requests =
    wanted.targets === null
      ? chooseCards(present, wanted.readers, wanted.thumbprints, tokenReaders, out)
      : chooseTargets(present, wanted.targets, tokens.certificates, out);
  const onCards = new Set<string>();
  const take = (certificate: CertificateOnCard): void => {
    if (certificate.file.isRoot && wanted.contents.files === 'Certificates' && wanted.targets === null)
      return;
    onCards.add(certificate.info.thumbprint);
    found(certificate);
  };
  const findings = { certificate: take, stored };
  const complete = await readCardsAndProviders(world, requests, wanted, observer, findings, signal);
  for (const certificate of tokens.certificates) {
    if (!onCards.has(certificate.info.thumbprint) && isWanted(certificate, wanted)) found(certificate);
  }
  return complete && tokens.complete;
}

/** The providers are asked when the cards are free again: a minidriver that hangs holds its card. */
async function readCardsAndProviders(
  { readers, keyProviders }: World,
  requests: readonly CardRequest[],
  { contents, links }: Wanted,
  observer: CardObserver,
  found: ProviderFindings,
  signal: AbortSignal,
): Promise<boolean> {
  if (keyProviders === null || contents.files === 'Roots')
    return readCards(readers, requests, contents, observer, found.certificate, signal);
  const unread = new Map<CardRequest, UnreadCard>();
  const toBeLinked: CertificateOnCard[] = [];
  const complete = await readCards(
    readers,
    requests,
    contents,
    observer,
    links ? (certificate) => toBeLinked.push(certificate) : found.certificate,
    signal,
    (request, problems) => unread.set(request, { request, problems }),
  );
  const whole = new Set(
    requests.filter(({ thumbprints }) => thumbprints === null).map(({ reader }) => reader.readerName),
  );
  const [linked, known] = await Promise.all([
    withLinks(keyProviders, toBeLinked, whole, observer, found.stored, signal),
    readThroughProviders(keyProviders, [...unread.values()], observer, found, signal),
  ]);
  linked.forEach(found.certificate);
  return complete && known;
}

/** Whoever can plant a configuration must not be able to stop the reading of cards with it. */
async function defaultModule({ defaultPkcs11Module }: World, out: EventQueue): Promise<string | null> {
  try {
    return await defaultPkcs11Module();
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    out.problem(error, 'warning');
    return null;
  }
}

/** With a module the system's smart card service is not needed. */
async function presentReaders(
  { readers }: World,
  hasModule: boolean,
  out: EventQueue,
): Promise<readonly ReaderInfo[]> {
  try {
    return await readers.list();
  } catch (error) {
    if (!hasModule || !(error instanceof CertPropError)) throw error;
    out.problem(error, 'warning');
    return [];
  }
}

function isWanted({ card, info }: CertificateOnCard, { readers, targets, thumbprints }: Wanted): boolean {
  const readerName = visible(card.readerName);
  if (targets !== null)
    return targets.some((target) => pointsTo(target, readerName, card.cardId, info.thumbprint));
  return (
    (thumbprints === null || thumbprints.has(info.thumbprint)) &&
    (readers === null || readers.some((pattern) => fits(pattern, readerName)))
  );
}

function pointsTo(target: CardTarget, readerName: string, cardId: string, thumbprint: string): boolean {
  return (
    target.readerName.toLowerCase() === readerName.toLowerCase() &&
    (target.cardId === null || target.cardId === visible(cardId)) &&
    (target.thumbprint === null || target.thumbprint === thumbprint)
  );
}
