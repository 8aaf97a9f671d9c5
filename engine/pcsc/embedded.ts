/**
 * The embedded virtual reader, for the demo and for tests: readers and cards are folders and files, no PC/SC is needed.
 *
 * Each folder within the readers' folder is a reader of that name; a `card.json` in it is the inserted card. Writing that file inserts
 * a card, removing it pulls the card, even in the middle of the work. One engine process uses a readers' folder at a time.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { changeStream } from './change-stream.js';
import { type WatchedFolders, watchFolders } from './folder-watch.js';
import type { CardState } from './reader-changes.js';
import type { ReaderInfo, SmartCardConnection, SmartCardReaders } from './reader.js';

/** A card in process: command APDU in, response APDU out, one at a time. */
export interface VirtualCard {
  readonly atr: Uint8Array;
  transmit(command: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Power off and on: security status, selection and begun commands are forgotten. */
  reset(): void;
}

/** A card kept in a file. */
export interface StoredCard extends VirtualCard {
  /** Writes the card's state back to its file, atomically, if it has changed. */
  save(): Promise<void>;
}

/**
 * Reads the card in a file; null for one that doesn't answer to a reset.
 * @throws CertPropError MalformedCardData
 */
export type LoadCard = (path: string) => Promise<StoredCard | null>;

/** As with PC/SC, a reader that stays in use for so long is an error (ms). */
const longestWait = 10_000;

export function embeddedReaders(folder: string, loadCard: LoadCard): SmartCardReaders {
  const slots = new Map<string, Slot>();
  const writes = new Set<Promise<unknown>>();
  const closing = new AbortController();

  function slotOf(readerName: string): Slot {
    const slot = slots.get(readerName) ?? newSlot(join(folder, readerName, 'card.json'), loadCard);
    slots.set(readerName, slot);
    return slot;
  }

  return {
    async list() {
      const names = await readerNames(folder);
      return Promise.all(names.map((readerName) => readerInfo(readerName, slotOf(readerName))));
    },

    async use(readerName, work, signal) {
      signal.throwIfAborted();
      if (!(await readerNames(folder)).includes(readerName)) throw readerNotFound(readerName);
      const slot = slotOf(readerName);
      const release = await slot.lock(readerName, signal);
      try {
        return await transaction(readerName, slot, work, signal, writes);
      } finally {
        release();
      }
    },

    changes(signal) {
      const names = () => readerNames(folder);
      const stateOf = async (name: string): Promise<[string, CardState]> => [
        name,
        await slotOf(name).state(),
      ];
      const watched: WatchedFolders = {
        folders: async () => [folder, ...(await names()).map((name) => join(folder, name))],
        look: async () => new Map(await Promise.all((await names()).map(stateOf))),
      };
      const stop = AbortSignal.any([signal, closing.signal]);
      return changeStream((report, end) => watchFolders(watched, report, end), stop);
    },

    async settled() {
      while (writes.size > 0) await Promise.allSettled(writes);
    },

    async close() {
      closing.abort();
      slots.clear();
      return Promise.resolve();
    },
  };
}

/** What is remembered of a reader between calls: the inserted card with its power on, and who has it. */
interface Slot {
  /** The inserted card; undefined without one, null for a mute one. */
  card(): Promise<StoredCard | null | undefined>;
  /** A card that can't be read is none. */
  state(): Promise<CardState>;
  /** Keeps the card's state in its file. */
  save(card: StoredCard): Promise<void>;
  /** Waits for one's turn; the result ends it. */
  lock(readerName: string, signal: AbortSignal): Promise<() => void>;
}

interface Insertion {
  readonly version: string;
  readonly card: StoredCard | null;
}

function newSlot(path: string, loadCard: LoadCard): Slot {
  let inserted: Insertion | null = null;
  /** Insertions and removals so far. */
  let count = 0;
  let lastTurn = Promise.resolve();
  let lastAccess: Promise<unknown> = Promise.resolve();

  /** One access to the file at a time: a card that is being saved is not another card. */
  function access<T>(work: () => Promise<T>): Promise<T> {
    const done = lastAccess.then(work);
    lastAccess = done.catch(() => undefined);
    return done;
  }

  function replace(insertion: Insertion | null): void {
    count += Number(inserted !== null) + Number(insertion !== null);
    inserted = insertion;
  }

  async function look(): Promise<Insertion | null> {
    const version = await fileVersion(path);
    if (version === null) replace(null);
    else if (inserted?.version !== version) replace({ version, card: await loadCard(path) });
    return inserted;
  }

  return {
    async card() {
      const insertion = await access(look);
      return insertion === null ? undefined : insertion.card;
    },

    async state() {
      const insertion = await access(look).catch(() => null);
      return { present: insertion !== null, count };
    },

    save: (card) =>
      access(async () => {
        await card.save();
        const version = await fileVersion(path);
        if (version !== null) inserted = { version, card };
      }),

    async lock(readerName, signal) {
      const before = lastTurn;
      let release = (): void => undefined;
      const turn = new Promise<void>((resolve) => (release = resolve));
      lastTurn = before.then(() => turn);
      try {
        await waitForTurn(before, readerName, signal);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
  };
}

function waitForTurn(before: Promise<void>, readerName: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => {
      end(() => {
        reject(readerBusy(readerName));
      });
    }, longestWait);
    const abort = (): void => {
      end(() => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the caller's own reason, whatever it is
        reject(signal.reason);
      });
    };
    const end = (settle: () => void): void => {
      clearTimeout(giveUp);
      signal.removeEventListener('abort', abort);
      settle();
    };
    signal.addEventListener('abort', abort);
    void before.then(() => {
      end(resolve);
    });
  });
}

async function transaction<T>(
  readerName: string,
  slot: Slot,
  work: (card: SmartCardConnection) => Promise<T>,
  signal: AbortSignal,
  writes: Set<Promise<unknown>>,
): Promise<T> {
  const card = await slot.card();
  if (card === undefined) throw noCard(readerName);
  if (card === null) throw cardMute(readerName);
  let writing = 0;
  const end = { reset: false };

  async function requireInserted(): Promise<void> {
    if ((await slot.card()) !== card) throw cardRemoved(readerName);
  }

  const connection: SmartCardConnection = {
    readerName,
    atr: card.atr,
    async transmit(command) {
      if (writing === 0) signal.throwIfAborted();
      await requireInserted();
      const response = await card.transmit(command);
      await requireInserted();
      await slot.save(card);
      return response;
    },
    resetAtEnd() {
      end.reset = true;
    },
    async uninterrupted(write) {
      if (writing === 0) signal.throwIfAborted();
      writing += 1;
      const running = write();
      writes.add(running);
      try {
        return await running;
      } finally {
        writing -= 1;
        writes.delete(running);
      }
    },
  };

  try {
    return await work(connection);
  } finally {
    if (end.reset) card.reset();
  }
}

async function readerInfo(readerName: string, slot: Slot): Promise<ReaderInfo> {
  try {
    const card = await slot.card();
    if (card === undefined) return { readerName, status: 'Empty', atr: null };
    return card
      ? { readerName, status: 'Present', atr: card.atr }
      : { readerName, status: 'Mute', atr: null };
  } catch {
    return { readerName, status: 'Unavailable', atr: null };
  }
}

async function readerNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    throw new CertPropError(
      'PcscUnavailable',
      `The folder of the embedded readers, ${visible(folder)}, can't be read. Give an existing folder.`,
      { file: folder },
      { cause: error },
    );
  }
}

/** Changes whenever the file is written anew; null without a file. */
async function fileVersion(path: string): Promise<string | null> {
  const status = await stat(path, { bigint: true }).catch(() => null);
  return status && [status.ino, status.mtimeNs, status.size].join(' ');
}

function readerNotFound(readerName: string): CertPropError {
  const message = `There is no reader named ${visible(readerName)}. List the readers and use one of their names.`;
  return new CertPropError('ReaderNotFound', message, { readerName });
}

function readerBusy(readerName: string): CertPropError {
  const message = `Another task has been using the card in ${visible(readerName)} for ten seconds. Try again when it has finished.`;
  return new CertPropError('ReaderBusy', message, { readerName });
}

function noCard(readerName: string): CertPropError {
  return new CertPropError(
    'NoCard',
    `There is no card in ${visible(readerName)}. Insert one and try again.`,
    {
      readerName,
    },
  );
}

function cardMute(readerName: string): CertPropError {
  const message = `The card in ${visible(readerName)} doesn't answer. Take it out, check which way it goes in, and insert it again.`;
  return new CertPropError('CardMute', message, { readerName });
}

function cardRemoved(readerName: string): CertPropError {
  const message = `The card was taken out of ${visible(readerName)} while it was in use. Insert it and try again.`;
  return new CertPropError('CardRemoved', message, { readerName });
}
