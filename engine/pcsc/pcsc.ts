/** The readers of the system's PC/SC. */
import { cardWork } from './card-work.js';
import { type Watch, changeStream } from './change-stream.js';
import type { ReaderInfo, ReaderStatus, SmartCardConnection, SmartCardReaders } from './reader.js';
import * as codes from './return-codes.js';
import { isWithoutReaders } from './service.js';
import { type Transaction, openTransaction } from './transaction.js';
import { watchReaders } from './watch.js';
import { claim, turns, underWay } from './waiting.js';
import { type Handle, type Winscard, loadWinscard, readerState } from './winscard.js';

export interface PcscOptions {
  /** Called when a reader is first needed, and again if that failed. */
  readonly load: () => Promise<Winscard>;
  /** How long another program may hold a card before that is ReaderBusy. */
  readonly busyMilliseconds: number;
}

/**
 * Every use of a card, and every listing, has a context of its own: a service that is restarted in between goes unnoticed.
 * See winscard.ts for what is assumed of UV_THREADPOOL_SIZE. The options are for tests.
 */
export function pcscReaders(options: Partial<PcscOptions> = {}): SmartCardReaders {
  const { load = loadWinscard, busyMilliseconds = 10_000 } = options;
  const winscard = loadedOnce(load);
  const uses = underWay();
  const unfinished = underWay();
  const readers = turns();
  const closing = new AbortController();
  const unlessBusy = waitingLimit(busyMilliseconds);
  const open = transactionOpener(winscard, unlessBusy);

  async function attempt<T>(
    readerName: string,
    work: (card: SmartCardConnection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<{ result: Promise<T>; repeatable: boolean }> {
    const transaction = await open(readerName, signal);
    const card = cardWork(transaction, readerName, signal, unfinished);
    const result = (async () => work(card.connection))();
    await Promise.allSettled([result]);
    await card.end();
    return { result, repeatable: card.isRepeatable() };
  }

  return {
    async list() {
      return listReaders(await winscard());
    },

    async use(readerName, work, signal) {
      const stop = AbortSignal.any([signal, closing.signal]);
      const useDone = uses.begin();
      try {
        const leave = await unlessBusy(readerName, stop, (limited) =>
          claim(readers.enter(readerName), limited, leaveUnused),
        );
        try {
          const first = await attempt(readerName, work, stop);
          const last = first.repeatable ? await attempt(readerName, work, stop) : first;
          return await last.result;
        } finally {
          leave();
        }
      } finally {
        useDone();
      }
    },

    changes(signal, onService = () => undefined) {
      const watch: Watch = async (report, end) => {
        const watchDone = uses.begin();
        try {
          await watchReaders(await winscard(), { report, onService }, end);
        } finally {
          watchDone();
        }
      };
      return changeStream(watch, AbortSignal.any([signal, closing.signal]));
    },

    settled: () => unfinished.none(),

    async close() {
      closing.abort();
      await uses.none();
    },
  };
}

function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: T | undefined;
  return async () => (loaded ??= await load());
}

type WaitingLimit = <T>(
  readerName: string,
  signal: AbortSignal,
  wait: (limited: AbortSignal) => Promise<T>,
) => Promise<T>;

/** Waits for whoever has the card no longer than the time given: another program, or a request that the card doesn't answer. */
function waitingLimit(busyMilliseconds: number): WaitingLimit {
  return async (readerName, signal, wait) => {
    const busy = new AbortController();
    const timer = setTimeout(() => {
      busy.abort(codes.readerBusy(readerName));
    }, busyMilliseconds);
    try {
      return await wait(AbortSignal.any([signal, busy.signal]));
    } finally {
      clearTimeout(timer);
    }
  };
}

function transactionOpener(winscard: () => Promise<Winscard>, unlessBusy: WaitingLimit) {
  /** What was given up but still blocks a thread, by reader: the next opening waits for it, so that only one does. */
  const givenUp = new Map<string, Promise<void>>();

  return async (readerName: string, signal: AbortSignal): Promise<Transaction> => {
    const library = await winscard();
    return unlessBusy(readerName, signal, (limited) => {
      const before = givenUp.get(readerName) ?? Promise.resolve();
      const opening = before.then(() => openTransaction(library, readerName, limited));
      return claim(opening, limited, (late) => givenUp.set(readerName, closeUnused(late)));
    });
  };
}

function leaveUnused(turn: Promise<() => void>): Promise<void> {
  return turn.then((leave) => {
    leave();
  });
}

function closeUnused(opening: Promise<Transaction>): Promise<void> {
  return opening.then(
    (transaction) => transaction.close({ reset: false }),
    () => undefined,
  );
}

async function listReaders(winscard: Winscard): Promise<ReaderInfo[]> {
  const { code, context } = await winscard.establishContext();
  if (await isWithoutReaders(winscard, code)) return [];
  if (code !== codes.success) throw codes.returnCodeError(code, winscard.platform, null, 'Connecting');
  try {
    const listed = await winscard.listReaders(context);
    if (await isWithoutReaders(winscard, listed.code)) return [];
    if (listed.code !== codes.success) {
      throw codes.returnCodeError(listed.code, winscard.platform, null, 'Connecting');
    }
    const found: ReaderInfo[] = [];
    for (const readerName of listed.names)
      found.push(...(await describeReader(winscard, context, readerName)));
    return found;
  } finally {
    await winscard.releaseContext(context);
  }
}

/** One reader, or none if it was unplugged meanwhile. */
async function describeReader(
  winscard: Winscard,
  context: Handle,
  readerName: string,
): Promise<ReaderInfo[]> {
  const { code, state, atr } = await winscard.getStatusChange(context, readerName, readerState.unaware, 0);
  if (code === codes.unknownReader || (await isWithoutReaders(winscard, code))) return [];
  if (code !== codes.success) throw codes.returnCodeError(code, winscard.platform, readerName, 'Connecting');
  return [{ readerName, status: readerStatus(state), atr: atr.length === 0 ? null : atr }];
}

function readerStatus(state: number): ReaderStatus {
  const has = (bits: number): boolean => (state & bits) !== 0;
  if (has(readerState.unavailable | readerState.unknown)) return 'Unavailable';
  if (has(readerState.exclusive)) return 'InUse';
  if (has(readerState.mute)) return 'Mute';
  return has(readerState.present) ? 'Present' : 'Empty';
}
