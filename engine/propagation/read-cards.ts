/** Reads the certificates of cards, each card once. */
import type { CardApplication } from '../card/application.js';
import { applicationsOf } from '../card/applications.js';
import type { CardCertificateFile, UnreadableFile } from '../card/card.js';
import { isObjectError } from '../card/object-error.js';
import { loadX509, readCertificate } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection, SmartCardReaders } from '../pcsc/reader.js';
import { visible } from '../text.js';
import {
  cardChanged,
  certificateNotOnCard,
  unknownCard,
  unopenedApplication,
  unusableFile,
} from './card-error.js';
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
  /** `Roots` (msroots), the certificates of the card's keys, or both. */
  readonly files: 'Certificates' | 'Roots' | 'All';
  /** Whether the containers' public keys are read too. */
  readonly keys: boolean;
  /** Whether to look where a card's directory promises nothing. */
  readonly allSlots: boolean;
  /** What is done with each application besides, before its certificates are read; again if the card's reading is begun again. */
  readonly opened?: OpenedApplication;
}

export type OpenedApplication = (
  connection: SmartCardConnection,
  application: CardApplication,
) => Promise<void>;

/**
 * Hears of each card that gave no certificate, and what there would be to tell of it; then it is not told here, and the card counts as
 * read. Null: there is nobody who could read it otherwise.
 */
type UnreadCards = ((request: CardRequest, problems: readonly CertPropError[]) => void) | null;

/** @returns whether every card could be read to the end */
export async function readCards(
  readers: SmartCardReaders,
  requests: readonly CardRequest[],
  contents: CardContents,
  observer: CardObserver,
  found: (certificate: CertificateOnCard) => void,
  signal: AbortSignal,
  unread: UnreadCards = null,
): Promise<boolean> {
  // The packages load while the first card answers.
  void loadX509();
  const readings = new Map(
    requests.map((request) => [request, new CardReading(request, contents, observer, found, unread)]),
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
  readonly #unread: UnreadCards;
  readonly #told = new Set<string>();
  #certificates = 0;
  complete = true;

  constructor(
    request: CardRequest,
    contents: CardContents,
    observer: CardObserver,
    found: (certificate: CertificateOnCard) => void,
    unread: UnreadCards,
  ) {
    this.#request = request;
    this.#contents = contents;
    this.#observer = observer;
    this.#found = found;
    this.#unread = unread;
  }

  async read(connection: SmartCardConnection): Promise<void> {
    const { cardIds, thumbprints, mustHave } = this.#request;
    const missing = thumbprints === null ? null : new Set(thumbprints);
    const present: string[] = [];
    let wanted = false;
    this.#certificates = 0;
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
    const obstacle =
      present.length === 0
        ? unknownCard(connection)
        : wanted
          ? null
          : cardChanged(connection, [...(cardIds ?? [])], present);
    const absent = mustHave ? [...(missing ?? [])] : [];
    const problems =
      obstacle === null
        ? absent.map((thumbprint) => certificateNotOnCard(connection.readerName, thumbprint))
        : [obstacle];
    if (this.#unread !== null && this.#certificates === 0) this.#unread(this.#request, problems);
    else if (obstacle !== null) throw obstacle;
    else this.#reportMissing(problems);
  }

  async #readApplication(
    connection: SmartCardConnection,
    application: CardApplication,
    missing: Set<string> | null,
  ): Promise<void> {
    const { readerName } = connection;
    const { cardId, family } = application;
    await this.#contents.opened?.(connection, application);
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
      this.#certificates += 1;
      if (missing?.delete(info.thumbprint) === false) return;
      const key = this.#contents.keys ? await application.publicKey(file) : null;
      if (this.#isNews(`${card.cardId} ${file.fileName} ${info.thumbprint}`)) {
        this.#found({ card, file, info, key, links: null });
      }
    } catch (error) {
      if (!spoilsOneFile(error)) throw error;
      this.complete = false;
      if (this.#isNews(`${card.cardId} ${file.fileName}`)) {
        this.#observer.problem(unusableFile(error, card, file.fileName), 'error');
      }
    }
  }

  #reportMissing(problems: readonly CertPropError[]): void {
    for (const problem of problems) {
      if (this.#isNews(problem.message)) this.#observer.problem(problem, 'error');
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
  if (files !== 'Roots') yield* application.certificates({ allSlots });
  if (files !== 'Certificates' || mustHave) yield* application.roots();
}

function spoilsOneFile(error: unknown): error is CertPropError {
  return isObjectError(error) || (error instanceof CertPropError && error.id === 'MalformedCertificate');
}
