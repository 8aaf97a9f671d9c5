/** One card in one transaction, through a context of its own (contexts are served one call at a time). */
import { setTimeout as delay } from 'node:timers/promises';
import * as codes from './return-codes.js';
import { isWithoutReaders } from './service.js';
import { type Handle, type Winscard, leaveCard, readerState, resetCard } from './winscard.js';

export interface Transaction {
  /** The card's answer to reset. */
  readonly atr: Uint8Array;
  /** @throws CertPropError as SmartCardConnection.transmit */
  transmit(command: Uint8Array): Promise<Uint8Array>;
  /** Ends the transaction, disconnects and releases; never fails, because whatever is lost by then is also released. */
  close(options: { reset: boolean }): Promise<void>;
}

interface ConnectedCard {
  readonly card: Handle;
  readonly protocol: number;
}

/** The longest response APDU: 65,536 bytes and the status word (ISO 7816-3, 12.1.3). */
const responseSize = 65_538;
const retryMilliseconds = 100;
/** pcscd notices a removal within 0.4 s. */
const noticeMilliseconds = 1000;

/**
 * Connects to the card and begins a transaction, however long that takes: another program may be in one.
 * @param stop ends the waiting where it can be ended; a blocked call returns first
 * @throws CertPropError; the signal's reason
 */
export async function openTransaction(
  winscard: Winscard,
  readerName: string,
  stop: AbortSignal,
): Promise<Transaction> {
  stop.throwIfAborted();
  const context = await establishContext(winscard, readerName);
  try {
    const connected = await connectAndBegin(winscard, context, readerName, stop);
    const { atr } = await winscard.getStatusChange(context, readerName, readerState.unaware, 0);
    return transaction(winscard, context, readerName, connected, atr);
  } catch (error) {
    await winscard.releaseContext(context);
    throw error;
  }
}

async function establishContext(winscard: Winscard, readerName: string): Promise<Handle> {
  const { code, context } = await winscard.establishContext();
  if (code === codes.success) return context;
  const meant = (await isWithoutReaders(winscard, code)) ? codes.unknownReader : code;
  throw codes.returnCodeError(meant, winscard.platform, readerName, 'Connecting');
}

async function connectAndBegin(
  winscard: Winscard,
  context: Handle,
  readerName: string,
  stop: AbortSignal,
): Promise<ConnectedCard> {
  for (;;) {
    stop.throwIfAborted();
    const { code, ...connected } = await winscard.connect(context, readerName);
    if (code === codes.sharingViolation) {
      await delay(retryMilliseconds, undefined, { signal: stop }).catch(() => undefined);
      continue;
    }
    if (code !== codes.success)
      throw codes.returnCodeError(code, winscard.platform, readerName, 'Connecting');

    const begun = await winscard.beginTransaction(connected.card);
    if (begun === codes.success) return connected;
    await winscard.disconnect(connected.card, leaveCard);
    // Whoever held the card reset it at the end; a new connection knows nothing of that.
    if (begun === codes.cardWasReset) continue;
    throw codes.returnCodeError(begun, winscard.platform, readerName, 'Connecting');
  }
}

function transaction(
  winscard: Winscard,
  context: Handle,
  readerName: string,
  { card, protocol }: ConnectedCard,
  atr: Uint8Array,
): Transaction {
  const response = Buffer.alloc(responseSize);
  let previous: Promise<unknown> = Promise.resolve();

  async function exchange(command: Uint8Array): Promise<Uint8Array> {
    const { code, length } = await winscard.transmit(card, protocol, command, response);
    if (code === codes.success && length >= 2) return new Uint8Array(response.subarray(0, length));
    // Some drivers answer a card that was pulled out with success and nothing.
    const failure = code === codes.success ? codes.notTransacted : code;
    const cause = await causeOfFailure(winscard, context, readerName, failure);
    throw codes.returnCodeError(cause, winscard.platform, readerName, 'Working');
  }

  return {
    atr,

    transmit(command) {
      const answer = previous.then(() => exchange(command));
      previous = answer.catch(() => undefined);
      return answer;
    },

    async close({ reset }) {
      const disposition = reset ? resetCard : leaveCard;
      const ended = await winscard.endTransaction(card, disposition);
      await winscard.disconnect(card, ended === codes.success ? leaveCard : disposition);
      await winscard.releaseContext(context);
    },
  };
}

/** A command that fails because the card is being pulled out says only that it failed; the reader's state tells why. */
async function causeOfFailure(
  winscard: Winscard,
  context: Handle,
  readerName: string,
  code: number,
): Promise<number> {
  if (codes.returnCode(code, winscard.platform.family).meaning !== 'Failure') return code;
  const now = await winscard.getStatusChange(context, readerName, readerState.unaware, 0);
  const known = now.state & ~readerState.changed;
  const then = isCardReady(now.state)
    ? await winscard.getStatusChange(context, readerName, known, noticeMilliseconds)
    : now;
  if (then.code === codes.timeout) return code;
  if (then.code !== codes.success) return then.code;
  if ((then.state & (readerState.unavailable | readerState.unknown)) !== 0) return codes.readerUnavailable;
  if ((then.state & readerState.empty) !== 0) return codes.removedCard;
  if ((then.state & readerState.mute) !== 0) return codes.unresponsiveCard;
  const replaced = then.state >>> 16 !== now.state >>> 16;
  return replaced ? codes.removedCard : code;
}

function isCardReady(state: number): boolean {
  return (state & readerState.present) !== 0 && (state & readerState.mute) === 0;
}
