/** Reads the certificates of the cards in the chosen readers: each card once, in one transaction, all readers side by side. */
import type { CardCertificateFile, UnreadableFile } from '../card/card.js';
import { readCertificates, readPublicKey, readRoots, selectGids, type Gids } from '../card/gids.js';
import { traced } from '../card/trace.js';
import type { PublicKey } from '../certificate/public-key.js';
import { loadX509, readCertificate } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection, SmartCardReaders } from '../pcsc/reader.js';
import { hex, visible } from '../text.js';
import type { CardIdentity, CertificateOnCard } from './plan.js';
import { obstacleIn, type SelectedReader } from './readers.js';

/** One card to read. */
export interface CardRequest extends SelectedReader {
  /** The card that has to be in the reader, null for any. */
  readonly cardId: string | null;
  /** The certificates that are wanted, null for all of them. */
  readonly thumbprints: ReadonlySet<string> | null;
}

export interface CardContents {
  /** Roots (msroots) in place of the certificates of the card's keys. */
  readonly roots: boolean;
  /** Whether the containers' public keys are read too. */
  readonly keys: boolean;
}

/** What is told while cards are read. None of these may wait: a card is locked meanwhile. */
export interface CardObserver {
  readonly certificate: (certificate: CertificateOnCard) => void;
  readonly problem: (error: CertPropError, severity: 'error' | 'warning') => void;
  readonly verbose: (message: string) => void;
  /** One APDU as text without secrets; null when nobody listens. */
  readonly apdu: ((line: string) => void) | null;
}

/** @returns whether every reader could be read to the end */
export async function readCards(
  readers: SmartCardReaders,
  requests: readonly CardRequest[],
  contents: CardContents,
  observer: CardObserver,
  signal: AbortSignal,
): Promise<boolean> {
  void loadX509();
  const complete = await Promise.all(
    requests.map((request) => readOne(readers, request, contents, observer, signal)),
  );
  return complete.every(Boolean);
}

async function readOne(
  readers: SmartCardReaders,
  request: CardRequest,
  contents: CardContents,
  observer: CardObserver,
  signal: AbortSignal,
): Promise<boolean> {
  const { reader, named } = request;
  const obstacle = obstacleIn(reader);
  if (obstacle?.id === 'NoCard' && !named) return true;
  const reading = new CardReading(request, contents, observer);
  try {
    if (obstacle !== null) throw obstacle;
    await readers.use(reader.readerName, (card) => reading.read(card), signal);
    reading.reportMissing();
    return reading.complete;
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    const details = { readerName: visible(reader.readerName), ...(reader.atr && { atr: hex(reader.atr) }) };
    observer.problem(error.with(details), severityOf(error, named));
    return error.id === 'NoCard' && !named;
  }
}

/** What a sweep over all readers only remarks on: a card of another kind, or one that is going or can't be woken. */
const remarks: ReadonlySet<string> = new Set(['UnknownCard', 'CardMute', 'CardRemoved', 'NoCard']);

function severityOf(error: CertPropError, named: boolean): 'error' | 'warning' {
  return !named && remarks.has(error.id) ? 'warning' : 'error';
}

/** One card's reading. It is begun again when another program resets the card, and then tells nothing twice. */
class CardReading {
  readonly #request: CardRequest;
  readonly #contents: CardContents;
  readonly #observer: CardObserver;
  readonly #told = new Set<string>();
  readonly #found = new Set<string>();
  complete = true;

  constructor(request: CardRequest, contents: CardContents, observer: CardObserver) {
    this.#request = request;
    this.#contents = contents;
    this.#observer = observer;
  }

  async read(connection: SmartCardConnection): Promise<void> {
    const { apdu, verbose } = this.#observer;
    const gids = await openCard(apdu === null ? connection : traced(connection, apdu), this.#request.cardId);
    const card: CardIdentity = { readerName: connection.readerName, cardId: gids.cardId, family: 'GIDS' };
    verbose(`Reader "${visible(card.readerName)}": GIDS card ${card.cardId}.`);
    const keys = new Map<number, PublicKey | null>();
    const files = this.#contents.roots ? readRoots(gids) : readCertificates(gids);
    for await (const file of files) {
      await this.#take(gids, card, file, keys);
      if (this.#hasAll()) return;
    }
  }

  reportMissing(): void {
    const { reader, thumbprints } = this.#request;
    const missing = [...(thumbprints ?? [])].filter((thumbprint) => !this.#found.has(thumbprint));
    if (this.#contents.roots || !this.#request.named) return;
    for (const thumbprint of missing) {
      const readerName = visible(reader.readerName);
      this.#observer.problem(
        new CertPropError(
          'CertificateNotOnCard',
          `The card in the reader "${readerName}" does not hold the certificate ${thumbprint}. List what it holds with Get-CardCertificate.`,
          { readerName, thumbprint },
        ),
        'error',
      );
    }
  }

  #hasAll(): boolean {
    const wanted = this.#request.thumbprints;
    return wanted !== null && [...wanted].every((thumbprint) => this.#found.has(thumbprint));
  }

  async #take(
    gids: Gids,
    card: CardIdentity,
    file: CardCertificateFile | UnreadableFile,
    keys: Map<number, PublicKey | null>,
  ): Promise<void> {
    try {
      if ('error' in file) throw file.error;
      const info = await readCertificate(file.certificate);
      if (this.#request.thumbprints?.has(info.thumbprint) === false) return;
      this.#found.add(info.thumbprint);
      const key = this.#contents.keys ? await keyOf(gids, file, keys) : null;
      if (this.#tellOnce(`${file.fileName} ${info.thumbprint}`)) {
        this.#observer.certificate({ card, file, info, key });
      }
    } catch (error) {
      if (!(error instanceof CertPropError) || !spoilsOneFile.has(error.id)) throw error;
      this.complete = false;
      if (this.#tellOnce(file.fileName)) this.#observer.problem(aboutFile(error, card, file.fileName), 'error');
    }
  }

  #tellOnce(what: string): boolean {
    const isNew = !this.#told.has(what);
    this.#told.add(what);
    return isNew;
  }
}

const spoilsOneFile: ReadonlySet<string> = new Set([
  'MalformedCertificate',
  'MalformedCardData',
  'CardCommandFailed',
  'CardObjectNotFound',
]);

function aboutFile(error: CertPropError, card: CardIdentity, fileName: string): CertPropError {
  const readerName = visible(card.readerName);
  const file = visible(fileName);
  return new CertPropError(
    error.id,
    `The file ${file} of the card in the reader "${readerName}" can't be used: ${error.message}`,
    { ...error.details, readerName, cardId: card.cardId, file },
    { cause: error },
  );
}

/**
 * Opens the card's application.
 * @throws CertPropError UnknownCard, CardChanged
 */
export async function openCard(connection: SmartCardConnection, expectedCardId: string | null): Promise<Gids> {
  const readerName = visible(connection.readerName);
  const gids = await selectGids(connection);
  if (gids === null) {
    throw new CertPropError(
      'UnknownCard',
      `The card in the reader "${readerName}" (ATR ${hex(connection.atr)}) is of no kind that CertProp knows; it reads GIDS cards.`,
      { readerName, atr: hex(connection.atr) },
    );
  }
  if (expectedCardId !== null && expectedCardId !== gids.cardId) {
    throw new CertPropError(
      'CardChanged',
      `Another card is in the reader "${readerName}": card ${visible(expectedCardId)} was expected, card ${gids.cardId} is there. Insert the first one, or list the certificates again.`,
      { readerName, cardId: gids.cardId },
    );
  }
  return gids;
}

/** A card that does not give its public key is taken at its word: null. */
async function keyOf(
  gids: Gids,
  file: CardCertificateFile,
  keys: Map<number, PublicKey | null>,
): Promise<PublicKey | null> {
  if (file.container === null) return null;
  const { index } = file.container;
  const known = keys.get(index);
  if (known !== undefined) return known;
  const key = await readPublicKey(gids, index).catch((error: unknown) => {
    if (error instanceof CertPropError && spoilsOneFile.has(error.id)) return null;
    throw error;
  });
  keys.set(index, key);
  return key;
}
