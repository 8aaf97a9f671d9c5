/** Reads the certificates of cards, each card once. */
import type { CardCertificateFile, UnreadableFile } from '../card/card.js';
import { readCertificates, readPublicKey, readRoots, type Gids } from '../card/gids.js';
import type { PublicKey } from '../certificate/public-key.js';
import { loadX509, readCertificate } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection, SmartCardReaders } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { openCard } from './open-card.js';
import type { CardIdentity, CertificateOnCard } from './plan.js';
import type { SelectedReader } from './readers.js';
import { visitCards, type CardObserver } from './visit-cards.js';

/** One card to read. */
export interface CardRequest extends SelectedReader {
  /** The card that has to be in the reader, null for any. */
  readonly cardId: string | null;
  /** The certificates that are wanted, null for all of them. */
  readonly thumbprints: ReadonlySet<string> | null;
  /** A wanted certificate that is not on the card is CertificateNotOnCard. */
  readonly mustHave: boolean;
}

export interface CardContents {
  /** `Roots` (msroots), or the certificates of the card's keys. */
  readonly files: 'Certificates' | 'Roots';
  /** Whether the containers' public keys are read too. */
  readonly keys: boolean;
}

/** @returns whether every card could be read to the end */
export async function readCards(
  readers: SmartCardReaders,
  requests: readonly CardRequest[],
  contents: CardContents,
  observer: CardObserver,
  found: (certificate: CertificateOnCard) => void,
  signal: AbortSignal,
): Promise<boolean> {
  // The packages load while the first card answers.
  void loadX509();
  const readings = new Map(
    requests.map((request) => [request, new CardReading(request, contents, observer, found)]),
  );
  const visited = await visitCards(readers, requests, observer, signal, async (card, request) => {
    await readings.get(request)?.read(card);
  });
  return visited && [...readings.values()].every(({ complete }) => complete);
}

/** One card's reading. It is begun again when another program resets the card, and then tells nothing twice. */
class CardReading {
  readonly #request: CardRequest;
  readonly #contents: CardContents;
  readonly #observer: CardObserver;
  readonly #found: (certificate: CertificateOnCard) => void;
  readonly #told = new Set<string>();
  complete = true;

  constructor(
    request: CardRequest,
    contents: CardContents,
    observer: CardObserver,
    found: (certificate: CertificateOnCard) => void,
  ) {
    this.#request = request;
    this.#contents = contents;
    this.#observer = observer;
    this.#found = found;
  }

  async read(connection: SmartCardConnection): Promise<void> {
    const gids = await openCard(connection, this.#request.cardId);
    const card: CardIdentity = { readerName: connection.readerName, cardId: gids.cardId, family: 'GIDS' };
    this.#observer.verbose(`Reader "${visible(card.readerName)}": GIDS card ${card.cardId}.`);
    const missing = this.#request.thumbprints === null ? null : new Set(this.#request.thumbprints);
    const keys = new Map<number, PublicKey | null>();
    for await (const file of filesOf(gids, this.#contents, this.#request)) {
      await this.#take(gids, card, file, keys, missing);
      if (missing?.size === 0) return;
    }
    if (this.#request.mustHave) this.#reportMissing(card, missing ?? []);
  }

  async #take(
    gids: Gids,
    card: CardIdentity,
    file: CardCertificateFile | UnreadableFile,
    keys: Map<number, PublicKey | null>,
    missing: Set<string> | null,
  ): Promise<void> {
    try {
      if ('error' in file) throw file.error;
      const info = await readCertificate(file.certificate);
      if (missing?.delete(info.thumbprint) === false) return;
      const key = this.#contents.keys ? await keyOf(gids, file, keys) : null;
      if (this.#isNews(`${file.fileName} ${info.thumbprint}`)) this.#found({ card, file, info, key });
    } catch (error) {
      if (!(error instanceof CertPropError) || !spoilsOneFile.has(error.id)) throw error;
      this.complete = false;
      if (this.#isNews(file.fileName)) this.#observer.problem(aboutFile(error, card, file.fileName), 'error');
    }
  }

  #reportMissing({ readerName, cardId }: CardIdentity, missing: Iterable<string>): void {
    const reader = visible(readerName);
    for (const thumbprint of missing) {
      const problem = new CertPropError(
        'CertificateNotOnCard',
        `The card in the reader "${reader}" does not hold the certificate ${thumbprint}. Get-CardCertificate lists what it holds.`,
        { readerName: reader, cardId, thumbprint },
      );
      if (this.#isNews(thumbprint)) this.#observer.problem(problem, 'error');
    }
  }

  #isNews(what: string): boolean {
    const isNew = !this.#told.has(what);
    this.#told.add(what);
    return isNew;
  }
}

/** Someone who points to certificates may point to a root: then the roots are looked through too, last. */
async function* filesOf(
  gids: Gids,
  { files }: CardContents,
  { mustHave }: CardRequest,
): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  if (files === 'Certificates') yield* readCertificates(gids);
  if (files === 'Roots' || mustHave) yield* readRoots(gids);
}

const spoilsOneFile: ReadonlySet<string> = new Set([
  'MalformedCertificate',
  'MalformedCardData',
  'CardCommandFailed',
  'CardObjectNotFound',
]);

function aboutFile(
  error: CertPropError,
  { readerName, cardId }: CardIdentity,
  fileName: string,
): CertPropError {
  const reader = visible(readerName);
  const file = visible(fileName);
  return new CertPropError(
    error.id,
    `The file ${file} of the card in the reader "${reader}" can't be used: ${error.message}`,
    { ...error.details, readerName: reader, cardId, file },
    { cause: error },
  );
}

/** A card that does not give its public key is taken at its word: null. */
async function keyOf(
  gids: Gids,
  { container }: CardCertificateFile,
  keys: Map<number, PublicKey | null>,
): Promise<PublicKey | null> {
  if (container === null) return null;
  const known = keys.get(container.index);
  if (known !== undefined) return known;
  const key = await readPublicKey(gids, container.index).catch((error: unknown) => {
    if (error instanceof CertPropError && spoilsOneFile.has(error.id)) return null;
    throw error;
  });
  keys.set(container.index, key);
  return key;
}
