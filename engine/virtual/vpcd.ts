/**
 * Puts a virtual card into a virtual PC/SC reader: vsmartcard's vpcd, which waits for cards on a TCP port of this machine.
 * Each message is a u16be length and that many bytes; one byte is a control, more are a command APDU
 * (vsmartcard's documentation, "Virtual Smart Card Reader", vpcd's protocol).
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { VirtualCard } from '../pcsc/embedded.js';
import { quickAcknowledgement } from './quick-ack.js';

export interface InsertionOptions {
  /** How long each APDU takes, as on a slow card (ms). */
  readonly delay?: number;
}

export interface InsertedCard {
  /** The command APDUs that reached the card since it was inserted. */
  readonly commandCount: number;
  /** How often the reader has powered or reset the card. */
  readonly resetCount: number;
  /** From now on the card answers nothing, not even the reader's polling. */
  mute(): void;
  /** The card is pulled when the n-th command from now on arrives, before it is answered. */
  pullAtCommand(n: number): void;
  /** Pulls the card, and waits until the reader has noticed. */
  remove(): Promise<void>;
  /** Resolves when the card is out of the reader, whoever did it; rejects with an error of the card's. */
  readonly removed: Promise<void>;
}

/** Several polling periods of a reader (ms). */
const longestInsertion = 5000;
/** pcscd asks for a new card's ATR twice before it powers it: when it polls the reader, and when it powers it (pcsc-lite 1.9, eventhandler.c, ifdwrapper.c). */
const answersBeforePower = 2;

const control = { powerOff: 0, powerOn: 1, reset: 2, answerToReset: 4 } as const;

/**
 * Inserts the card and waits until the reader has powered it. A card that follows another one before the reader has seen the gap is taken
 * for that one and never powered: it is taken out and inserted again.
 * @param port the reader's TCP port on 127.0.0.1
 * @throws Error when nothing listens there, or the reader doesn't power the card within 5 s
 */
export async function insertCard(
  card: VirtualCard,
  port: number,
  options: InsertionOptions = {},
): Promise<InsertedCard> {
  for (;;) {
    const { inserted, isNoticed } = await connectCard(card, port, options);
    if (await isNoticed) return inserted;
    await inserted.remove();
  }
}

interface Connection {
  readonly inserted: InsertedCard;
  /** Resolves when the reader has powered the card, or shows that it won't; rejects when it takes no card. */
  readonly isNoticed: Promise<boolean>;
}

async function connectCard(card: VirtualCard, port: number, options: InsertionOptions): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const acknowledge = await quickAcknowledgement(socket);
  const closed = once(socket, 'close');

  let commandCount = 0;
  let resetCount = 0;
  let answerCount = 0;
  let muted = false;
  let pullAt = Infinity;
  let notice = (_isNoticed: boolean): void => undefined;
  const noticed = new Promise<boolean>((resolve) => (notice = resolve));

  async function answer(message: Uint8Array): Promise<Uint8Array | null> {
    if (message.length > 1) return answerCommand(message);
    if (message[0] === control.answerToReset) return answerToReset();
    if (message[0] === control.powerOn || message[0] === control.reset) resetCount += 1;
    // pcscd powers down what it takes for the card before, polls, and only then powers the card.
    if (message[0] === control.powerOff) answerCount = 0;
    card.reset();
    return null;
  }

  function answerToReset(): Uint8Array {
    answerCount += 1;
    if (resetCount > 0) notice(true);
    else if (answerCount > answersBeforePower) notice(false);
    return card.atr;
  }

  async function answerCommand(command: Uint8Array): Promise<Uint8Array | null> {
    commandCount += 1;
    if (commandCount >= pullAt) {
      socket.destroy();
      return null;
    }
    if (options.delay) await delay(options.delay);
    return card.transmit(command);
  }

  async function serve(): Promise<void> {
    try {
      for await (const message of messages(socket, acknowledge)) {
        const response = muted ? null : await answer(message);
        if (response && socket.writable) socket.write(framed(response));
      }
    } finally {
      socket.destroy();
    }
  }

  const removed = Promise.all([serve(), closed]).then(() => undefined);
  const isNoticed = noticedOrRefused(noticed, removed, port).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });

  const inserted = {
    get commandCount() {
      return commandCount;
    },
    get resetCount() {
      return resetCount;
    },
    mute() {
      muted = true;
    },
    pullAtCommand(n: number) {
      pullAt = commandCount + n;
    },
    async remove() {
      muted = true;
      socket.end();
      await removed;
    },
    removed,
  };
  return { inserted, isNoticed };
}

async function noticedOrRefused(
  noticed: Promise<boolean>,
  removed: Promise<void>,
  port: number,
): Promise<boolean> {
  const stop = new AbortController();
  const refused = Promise.race([
    removed.then(() => 'closed the connection'),
    delay(longestInsertion, `didn't power the card within ${longestInsertion} ms`, { signal: stop.signal }),
  ]).then((what) => {
    throw new Error(`The reader on port ${port} took no card: it ${what}.`);
  });
  try {
    return await Promise.race([noticed, refused]);
  } finally {
    refused.catch(() => undefined);
    stop.abort();
  }
}

/** The messages until the connection ends, however it ends; each part is acknowledged at once, because the reader waits for it. */
async function* messages(socket: Socket, acknowledge: () => void): AsyncGenerator<Uint8Array> {
  let buffered = Buffer.alloc(0);
  for await (const chunk of chunks(socket)) {
    acknowledge();
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 2 && buffered.length >= 2 + buffered.readUInt16BE()) {
      const end = 2 + buffered.readUInt16BE();
      yield Uint8Array.from(buffered.subarray(2, end));
      buffered = buffered.subarray(end);
    }
  }
}

async function* chunks(socket: Socket): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of socket) if (chunk instanceof Uint8Array) yield chunk;
  } catch {
    // A pulled card or a stopped daemon breaks the connection; that is its end.
  }
}

function framed(response: Uint8Array): Uint8Array {
  return Uint8Array.from([response.length >> 8, response.length & 0xff, ...response]);
}
