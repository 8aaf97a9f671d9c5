/** Windows' resource manager for the shim of winscard.dll: its calls, answered from virtual readers. */
import { setTimeout as delay } from 'node:timers/promises';
import { cardOf, leave, readerState, reset, state, type CardReader, type Connected } from './card-reader.js';
import { block, u32, type Fields } from './card-wire.js';

/** Windows SDK winerror.h. */
export const code = {
  success: 0,
  cancelled: 0x80100002,
  insufficientBuffer: 0x80100008,
  unknownReader: 0x80100009,
  timeout: 0x8010000a,
  noCard: 0x8010000c,
  notTransacted: 0x80100016,
  noService: 0x8010001d,
  serviceStopped: 0x8010001e,
  noReaders: 0x8010002e,
  unresponsiveCard: 0x80100066,
  resetCard: 0x80100068,
  removedCard: 0x80100069,
  cacheItemNotFound: 0x80100070,
  cacheItemStale: 0x80100071,
} as const;

export interface CacheItem {
  readonly freshness: number;
  readonly data: Uint8Array;
}

export interface Manager {
  readonly readers: Map<string, CardReader>;
  /** By cacheKey. */
  readonly cache: Map<string, CacheItem>;
  readonly contexts: Map<number, Context>;
  /** Whom to wake when anything changes. */
  readonly waiting: Set<() => void>;
  service: 'Running' | 'NotThere' | 'Stopped';
}

/** A program's context: it ends with its connection. */
export interface Context {
  readonly number: number;
  readonly cards: Map<number, Connected>;
  readonly closed: AbortSignal;
  cancellations: number;
}

/** A return code and what comes with it. */
export type Answer = readonly [number, ...Buffer[]];

const pnpReader = '\\\\?PnP?\\Notification';
const infinite = 0xffffffff;

/** @param cardId a GUID's 16 bytes in hex, as they lie in memory */
export function cacheKey(cardId: string, name: string): string {
  return `${cardId} ${name}`;
}

export function wake({ waiting }: Manager): void {
  for (const resume of waiting) resume();
}

/** Resolves at the next change, or after so many milliseconds (null: never), or when the signal says so. */
export async function nextChange(
  manager: Manager,
  milliseconds: number | null,
  end: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, end]);
  let resume = (): void => undefined;
  const changed = new Promise<void>((resolve) => (resume = resolve));
  manager.waiting.add(resume);
  signal.addEventListener('abort', resume);
  const time =
    milliseconds === null ? changed : delay(milliseconds, undefined, { signal }).catch(() => undefined);
  await Promise.race([changed, time]);
  manager.waiting.delete(resume);
  stop.abort();
}

export function listReaders({ readers }: Manager): Answer {
  if (readers.size === 0) return [code.noReaders];
  const names = [...readers.keys(), ''].map((name) => `${name}\0`).join('');
  return [code.success, block(Buffer.from(names, 'utf16le'))];
}

export async function getStatusChange(manager: Manager, context: Context, fields: Fields): Promise<Answer> {
  const timeout = fields.u32();
  const asked = Array.from({ length: fields.u32() }, () => ({ known: fields.u32(), name: fields.text() }));
  const isThere = ({ name }: { name: string }): boolean => name === pnpReader || manager.readers.has(name);
  if (!asked.every(isThere)) return [code.unknownReader];
  const until = timeout === infinite ? null : Date.now() + timeout;
  const { cancellations } = context;
  for (;;) {
    const now = asked.map(({ known, name }) => ({
      known,
      isUnaware: known === 0 && name !== pnpReader,
      now: currentState(manager, name),
    }));
    const changed = now.map((entry) => entry.isUnaware || entry.now !== (entry.known & ~state.changed) >>> 0);
    const left = until === null ? null : until - Date.now();
    const isLast = changed.includes(true) || (left !== null && left <= 0);
    if (context.cancellations !== cancellations) return [code.cancelled];
    if (manager.service !== 'Running') return [code.serviceStopped];
    if (isLast || context.closed.aborted) {
      const states = now.flatMap((entry, index) => {
        const flags = changed[index] === true ? state.changed : 0;
        return [u32(entry.now | flags), block(answerToReset(manager, asked[index]?.name ?? ''))];
      });
      return [changed.includes(true) ? code.success : code.timeout, ...states];
    }
    await nextChange(manager, left, context.closed);
  }
}

/**
 * Of the pseudo-reader that tells of readers: how many there are, in the high word. With zero given, Windows returns at once where there
 * are readers and waits where there are none, as pcsc_scan shows (pcsc-tools, issue 76; OpenSC, pull request 2919).
 */
function currentState({ readers }: Manager, name: string): number {
  if (name === pnpReader) return (readers.size << 16) >>> 0;
  const reader = readers.get(name);
  return reader ? readerState(reader) : state.unavailable;
}

function answerToReset({ readers }: Manager, name: string): Uint8Array {
  const content = readers.get(name)?.content ?? null;
  return content === null || content === 'Mute' ? new Uint8Array() : content.atr;
}

export function connect(manager: Manager, context: Context, fields: Fields, number: number): Answer {
  fields.u32();
  const protocols = fields.u32();
  const reader = manager.readers.get(fields.text());
  if (!reader) return [code.unknownReader];
  if (reader.content === null) return [code.noCard];
  if (reader.content === 'Mute') return [code.unresponsiveCard];
  const connected = { reader, insertion: reader.events, wasReset: false };
  reader.connected.add(connected);
  context.cards.set(number, connected);
  wake(manager);
  const t1 = 2;
  return [code.success, u32(number), u32((protocols & t1) === 0 ? protocols : t1)];
}

export function disconnect(manager: Manager, context: Context, number: number, disposition: number): Answer {
  const connected = requireCard(context, number);
  context.cards.delete(number);
  if (cardOf(connected) && disposition !== 0) reset(connected.reader, connected);
  leave(connected);
  wake(manager);
  return [code.success];
}

/** Waits as long as another program is in a transaction. */
export async function beginTransaction(manager: Manager, context: Context, number: number): Promise<Answer> {
  const connected = requireCard(context, number);
  const { reader } = connected;
  while (reader.holder !== null && reader.holder !== connected && cardOf(connected)) {
    await nextChange(manager, null, context.closed);
    if (context.closed.aborted) return [code.cancelled];
  }
  if (!cardOf(connected)) return [code.removedCard];
  if (connected.wasReset) return [code.resetCard];
  reader.holder = connected;
  return [code.success];
}

export function endTransaction(
  manager: Manager,
  context: Context,
  number: number,
  disposition: number,
): Answer {
  const connected = requireCard(context, number);
  if (!cardOf(connected)) return [code.removedCard];
  if (connected.reader.holder !== connected) return [code.notTransacted];
  if (disposition !== 0) reset(connected.reader, connected);
  connected.reader.holder = null;
  wake(manager);
  return [code.success];
}

export async function transmit(context: Context, fields: Fields): Promise<Answer> {
  const connected = requireCard(context, fields.u32());
  const card = cardOf(connected);
  if (!card) return [code.removedCard];
  if (connected.wasReset) return [code.resetCard];
  connected.reader.commandCount += 1;
  const response = await card.transmit(fields.block());
  return cardOf(connected) === card ? [code.success, block(response)] : [code.removedCard];
}

export function readCache({ cache }: Manager, fields: Fields): Answer {
  const { key, freshness } = cacheFields(fields);
  const item = cache.get(key);
  if (!item) return [code.cacheItemNotFound];
  if (item.freshness === freshness) return [code.success, block(item.data)];
  cache.delete(key);
  return [code.cacheItemStale];
}

export function writeCache({ cache }: Manager, fields: Fields): Answer {
  const { key, freshness } = cacheFields(fields);
  cache.set(key, { freshness, data: fields.block() });
  return [code.success];
}

function cacheFields(fields: Fields): { key: string; freshness: number } {
  const cardId = fields.block().toString('hex');
  const freshness = fields.u32();
  return { key: cacheKey(cardId, fields.text()), freshness };
}

function requireCard({ cards }: Context, number: number): Connected {
  const connected = cards.get(number);
  if (!connected) throw new Error(`There is no card ${String(number)}`);
  return connected;
}
