/** One wait for the readers' states to change, without polling where the system has events, and cancellable. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import * as codes from './return-codes.js';
import { orAborted } from './waiting.js';
import { type Handle, type KnownReader, type Winscard, pnpReader } from './winscard.js';

/** A day (ms): for an infinite wait pcsc-lite wakes up every minute. */
const longestWait = 86_400_000;
/** macOS has no event for a reader that comes (ms). */
const macInterval = 1000;
/** Until the system has surely begun to wait (ms). */
const beginMilliseconds = 250;
/** Between two SCardCancel (ms). */
const cancelMilliseconds = 20;

/** @returns what SCardGetStatusChange returns: a cancelled wait's code when the signal is aborted, or the list of readers may have changed */
export async function waitForChange(
  winscard: Winscard,
  context: Handle,
  known: readonly KnownReader[],
  signal: AbortSignal,
): Promise<{ code: number; states: readonly number[] }> {
  if (winscard.platform.family === 'macOS') return waitOnMac(winscard, context, known, signal);
  const overtaken = new AbortController();
  const look = setTimeout(() => {
    void lookForReaders(winscard, known, overtaken);
  }, beginMilliseconds);
  try {
    const waiting = winscard.getStatusChanges(context, known, longestWait);
    await orAborted(waiting, AbortSignal.any([signal, overtaken.signal]));
    return await cancelled(winscard, context, waiting);
  } finally {
    clearTimeout(look);
  }
}

/** SCardCancel ends only what waits already. */
async function cancelled<T>(winscard: Winscard, context: Handle, waiting: Promise<T>): Promise<T> {
  let hasReturned = false;
  const returned = waiting.finally(() => (hasReturned = true));
  await Promise.race([returned, delay(0)]);
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set meanwhile
  while (!hasReturned) {
    await winscard.cancel(context);
    await Promise.race([returned, delay(cancelMilliseconds)]);
  }
  return returned;
}

/**
 * pcsc-lite tells of readers that come after the wait has begun, and readers come in quick succession: one that came after the list was
 * made and before the wait began would be overlooked.
 */
async function lookForReaders(
  winscard: Winscard,
  known: readonly KnownReader[],
  overtaken: AbortController,
): Promise<void> {
  const { code, context } = await winscard.establishContext();
  if (code !== codes.success) return;
  const listed = await winscard.listReaders(context);
  await winscard.releaseContext(context);
  const names = known.map(({ readerName }) => readerName).filter((readerName) => readerName !== pnpReader);
  const isListed = listed.code === codes.success || listed.code === codes.noReadersAvailable;
  if (isListed && !isDeepStrictEqual(listed.names, names)) overtaken.abort();
}

/** Its calls return soon: nothing has to be cancelled. */
async function waitOnMac(
  winscard: Winscard,
  context: Handle,
  known: readonly KnownReader[],
  signal: AbortSignal,
): Promise<{ code: number; states: readonly number[] }> {
  if (known.length > 0) return winscard.getStatusChanges(context, known, macInterval);
  await delay(macInterval, undefined, { signal }).catch(() => undefined);
  return { code: codes.timeout, states: [] };
}
