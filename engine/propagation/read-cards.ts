/** Reads the certificates of cards, each card once. */
import type { CardApplication } from '../card/application.js';
import { applicationsOf } from '../card/applications.js';
import type { CardCertificateFile, UnreadableFile } from '../card/card.js';
import { isObjectError } from '../card/object-error.js';
import { loadX509, readCertificate } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection, SmartCardReaders } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { cardChanged, unknownCard, unopenedApplication } from './card-error.js';
import type { CardIdentity, CertificateOnCard } from './plan.js';
import type { SelectedReader } from './readers.js';
import { visitCards, type CardObserver } from './visit-cards.js';

/** One card to read. */
export interface CardRequest extends SelectedReader {
  /** The ids of the card that has to be in the reader (one for each application that is wanted), null for any card. */
  readonly cardIds: ReadonlySet<string> | null;
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
  /** Whether to look where a card's directory promises nothing. */
  readonly allSlots: boolean;
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
    const { cardIds, thumbprints, mustHave } = this.#request;
    const missing = thumbprints === null ? null : new Set(thumbprints);
    const present: string[] = [];
    let wanted = false;
    const unopened = (obstacle: CertPropError): void => {
      this.complete = false;
      const problem = unopenedApplication(connection, obstacle);
      if (this.#isNews(problem.message)) this.#observer.problem(problem, 'warning');
    };
    for await (const application of applicationsOf(connection, unopened)) {
      present.push(application.cardId);
      if (cardIds?.has(application.cardId) === false) continue;
      wanted = true;
      await this.#readApplication(connection, application, missing);
      if (missing?.size === 0) return;
    }
    if (present.length === 0) throw unknownCard(connection);
    if (!wanted) throw cardChanged(connection, [...(cardIds ?? [])], present);
    if (mustHave) this.#reportMissing(connection, missing ?? []);
  }

  async #readApplication(
    { readerName }: SmartCardConnection,
    application: CardApplication,
    missing: Set<string> | null,
  ): Promise<void> {
    const { cardId, family } = application;
    this.#observer.verbose(`Reader "${visible(readerName)}": ${family} card ${visible(cardId)}.`);
    for await (const file of filesOf(application, this.#contents, this.#request)) {
      await this.#take(application, { readerName, cardId, family }, file, missing);
      if (missing?.size === 0) return;
    }
  }

  async #take(
    application: CardApplication,
    card: CardIdentity,
    file: CardCertificateFile | UnreadableFile,
    missing: Set<string> | null,
  ): Promise<void> {
    try {
      if ('error' in file) throw file.error;
      const info = await readCertificate(file.certificate);
      if (missing?.delete(info.thumbprint) === false) return;
      const key = this.#contents.keys ? await application.publicKey(file) : null;
      if (this.#isNews(`${card.cardId} ${file.fileName} ${info.thumbprint}`)) {
        this.#found({ card, file, info, key });
      }
    } catch (error) {
      if (!spoilsOneFile(error)) throw error;
      this.complete = false;
      if (this.#isNews(`${card.cardId} ${file.fileName}`)) {
        this.#observer.problem(aboutFile(error, card, file.fileName), 'error');
      }
    }
  }

  #reportMissing({ readerName }: SmartCardConnection, missing: Iterable<string>): void {
    const reader = visible(readerName);
    for (const thumbprint of missing) {
      const problem = new CertPropError(
        'CertificateNotOnCard',
        `The card in the reader "${reader}" does not hold the certificate ${thumbprint}. Get-CardCertificate lists what it holds.`,
        { readerName: reader, thumbprint },
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
  application: CardApplication,
  { files, allSlots }: CardContents,
  { mustHave }: CardRequest,
): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  if (files === 'Certificates') yield* application.certificates({ allSlots });
  if (files === 'Roots' || mustHave) yield* application.roots();
}

function spoilsOneFile(error: unknown): error is CertPropError {
  return isObjectError(error) || (error instanceof CertPropError && error.id === 'MalformedCertificate');
}

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
