/** Goes to the cards in the chosen readers, side by side; what is wrong with one card is told and does not stop the others. */
import { traced } from '../card/trace.js';
import { CertPropError } from '../errors.js';
import type { ReaderInfo, SmartCardConnection, SmartCardReaders } from '../pcsc/reader.js';
import { hex, visible } from '../text.js';
import { obstacleIn, type SelectedReader } from './readers.js';

/** What is told while cards are visited. None of these may wait: a card is locked meanwhile. */
export interface CardObserver {
  readonly problem: (error: CertPropError, severity: 'error' | 'warning') => void;
  readonly verbose: (message: string) => void;
  /** One APDU as text without secrets; null when nobody listens. */
  readonly apdu: ((line: string) => void) | null;
}

/**
 * Does the work on each reader's card, each in one transaction.
 * @returns whether every card was visited and its work came to an end; an empty reader that nobody named is no failure
 */
export async function visitCards<Request extends SelectedReader>(
  readers: SmartCardReaders,
  requests: readonly Request[],
  observer: CardObserver,
  signal: AbortSignal,
  work: (card: SmartCardConnection, request: Request) => Promise<void>,
): Promise<boolean> {
  const visits = requests.map(async (request) => {
    try {
      await visitCard(readers, request.reader, observer, signal, (card) => work(card, request));
      return true;
    } catch (error) {
      if (!(error instanceof CertPropError)) throw error;
      if (error.id === 'NoCard' && !request.named) return true;
      const severity = severityOf(error, request.named);
      observer.problem(severity === 'warning' ? withAtr(error) : error, severity);
      return false;
    }
  });
  return (await Promise.all(visits)).every(Boolean);
}

/**
 * Does the work on one reader's card in one transaction; errors name the reader and the card's ATR.
 * @throws CertPropError what `obstacleIn`, `SmartCardReaders.use` and the work throw
 */
export async function visitCard<T>(
  readers: SmartCardReaders,
  reader: ReaderInfo,
  observer: CardObserver,
  signal: AbortSignal,
  work: (card: SmartCardConnection) => Promise<T>,
): Promise<T> {
  const { apdu } = observer;
  try {
    const obstacle = obstacleIn(reader);
    if (obstacle !== null) throw obstacle;
    return await readers.use(
      reader.readerName,
      (card) => work(apdu === null ? card : traced(card, apdu)),
      signal,
    );
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    const atr = reader.atr === null ? {} : { atr: hex(reader.atr) };
    throw error.with({ readerName: visible(reader.readerName), ...atr });
  }
}

/** A warning is text only, and the ATR is what tells whose card it was. */
function withAtr(error: CertPropError): CertPropError {
  const { atr } = error.details;
  if (atr === undefined || error.message.includes(atr)) return error;
  return new CertPropError(error.id, `${error.message} (ATR ${atr})`, error.details, { cause: error });
}

/** What a sweep over all readers only remarks on: a card of another kind, a blank one, one that is going or can't be woken. */
const remarks: ReadonlySet<string> = new Set([
  'UnknownCard',
  'CardWithoutCounters',
  'CacheUnavailable',
  'CardObjectNotFound',
  'CardMute',
  'CardRemoved',
  'NoCard',
]);

export function severityOf(error: CertPropError, named: boolean): 'error' | 'warning' {
  return !named && remarks.has(error.id) ? 'warning' : 'error';
}
