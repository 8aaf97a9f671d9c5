/** The cards that come and go in the system's readers. */
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type CardState, type CardStates, changesBetween, noReaders } from './reader-changes.js';
import type { ReaderChange } from './reader.js';
import * as codes from './return-codes.js';
import { waitForChange } from './status-wait.js';
import { type Handle, type KnownReader, type Winscard, pnpReader, readerState } from './winscard.js';

export interface WatchListener {
  readonly report: (change: ReaderChange) => void;
  readonly onService: (service: 'Lost' | 'Back') => void;
}

/** Between two attempts at what failed without a reason that can be waited for (ms). */
const retryMilliseconds = 500;
/** pcsc-lite's PCSCLITE_MAX_READERS_CONTEXTS: no call takes more states, and no more readers can come. */
const mostReaders = 16;

/**
 * Reports changes until the signal is aborted. The service may be lost and come back.
 * @throws CertPropError PcscUnavailable when waiting for the service is of no use
 */
export async function watchReaders(
  winscard: Winscard,
  { report, onService }: WatchListener,
  signal: AbortSignal,
): Promise<void> {
  let known = noReaders;
  let service: 'Lost' | 'Back' = 'Back';
  const see = (now: CardStates): void => {
    for (const change of changesBetween(known, now)) report(change);
    known = now;
  };
  const setService = (now: 'Lost' | 'Back'): void => {
    if (now !== service) onService(now);
    service = now;
  };

  while (!signal.aborted) {
    // Before the attempt, so that what happens after it is not missed.
    const events = winscard.watchService();
    try {
      const code = await withContext(winscard, (context) => {
        setService('Back');
        // What was inserted before the service was lost may be another card.
        see(noReaders);
        return watchInContext(winscard, context, see, signal);
      });
      if (code === codes.success) return;
      await requireHope(winscard, code);
      setService('Lost');
      if (winscard.platform.serviceFollowsReaders && codes.isWithoutService(code)) see(noReaders);
      await pause(signal);
      if (codes.isWithoutService(code)) await events.changed(signal);
    } finally {
      events.close();
    }
  }
}

/** @returns the code of what failed */
async function withContext(winscard: Winscard, work: (context: Handle) => Promise<number>): Promise<number> {
  const { code, context } = await winscard.establishContext();
  if (code !== codes.success) return code;
  try {
    return await work(context);
  } finally {
    await winscard.releaseContext(context);
  }
}

async function requireHope(winscard: Winscard, code: number): Promise<void> {
  const { platform } = winscard;
  const isDisabled =
    platform.serviceFollowsReaders && codes.isWithoutService(code) && (await winscard.isServiceDisabled());
  if (isDisabled || codes.isAccessDenied(code, platform.family)) {
    throw codes.returnCodeError(code, platform, null, 'Connecting');
  }
}

/** Watches as long as the context lasts. @returns the code of what ended that: success for the signal */
async function watchInContext(
  winscard: Winscard,
  context: Handle,
  see: (now: CardStates) => void,
  signal: AbortSignal,
): Promise<number> {
  let states: ReadonlyMap<string, number> = new Map();
  let before: readonly KnownReader[] | null = null;
  while (!signal.aborted) {
    const { code, names } = await winscard.listReaders(context);
    if (code !== codes.success && code !== codes.noReadersAvailable) return code;
    const asked = [...names, pnpReader];
    states = new Map([...states].filter(([readerName]) => asked.includes(readerName)));
    see(cardStates(winscard, states));

    const known = knownReaders(winscard, names, states);
    // Nothing came of the last wait: a system that returns at once must not be asked at once.
    if (isDeepStrictEqual(known, before)) await pause(signal);
    before = known;
    const waited = await waitForChange(winscard, context, known, signal);
    if (waited.code === codes.success) {
      states = statesAfter(known, waited.states);
    } else if (!codes.isEndOfWait(waited.code)) {
      return waited.code;
    }
  }
  return codes.success;
}

function knownReaders(
  { platform }: Winscard,
  names: readonly string[],
  states: ReadonlyMap<string, number>,
): readonly KnownReader[] {
  const known = names.map((readerName) => ({
    readerName,
    state: states.get(readerName) ?? readerState.unaware,
  }));
  const isFull = platform.family === 'pcsc-lite' && names.length >= mostReaders;
  if (platform.family === 'macOS' || isFull) return known;
  // Windows counts the readers in the high word.
  const pnp = { readerName: pnpReader, state: states.get(pnpReader) ?? (names.length << 16) >>> 0 };
  return [...known, pnp];
}

/** Without the readers that the system doesn't know any more: they have to be asked for anew. */
function statesAfter(known: readonly KnownReader[], states: readonly number[]): ReadonlyMap<string, number> {
  const entries = known.map(({ readerName, state }, index): [string, number] => [
    readerName,
    states[index] ?? state,
  ]);
  return new Map(
    entries
      .filter(([, state]) => (state & readerState.unknown) === 0)
      .map(([readerName, state]) => [readerName, (state & ~readerState.changed) >>> 0]),
  );
}

function cardStates({ platform }: Winscard, states: ReadonlyMap<string, number>): CardStates {
  const readers = [...states].filter(([readerName]) => readerName !== pnpReader);
  return new Map(readers.map(([readerName, state]) => [readerName, cardState(platform.family, state)]));
}

function cardState(family: Winscard['platform']['family'], state: number): CardState {
  if ((state & readerState.unavailable) !== 0) return { present: false, count: null };
  const present = (state & (readerState.present | readerState.mute)) !== 0;
  return { present, count: family === 'macOS' ? null : state >>> 16 };
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(retryMilliseconds, undefined, { signal }).catch(() => undefined);
}
