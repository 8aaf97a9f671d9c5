/** The card's cache counters (cardcf): what Windows compares to know whether its copies of the card's contents are stale. */
import {
  certificateFileNames,
  readCounters,
  selectGids,
  verifyPin,
  writeCounters,
  type Gids,
} from '../card/gids.js';
import { increment, type CacheCounters } from '../card/minidriver/cardcf.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import type { FreshnessChange } from './card-cache.js';
import { cardChanged, cardWithoutCounters } from './card-error.js';
import { refuseLastTry } from './last-try.js';

/** CertProp.CardCacheCounter; the previous values are null unless the card was changed. */
export interface CardCacheCounter {
  readonly readerName: string;
  readonly cardId: string;
  readonly pinsFreshness: number;
  readonly containersFreshness: number;
  readonly filesFreshness: number;
  readonly previousPinsFreshness: number | null;
  readonly previousContainersFreshness: number | null;
  readonly previousFilesFreshness: number | null;
}

/** A card whose counters were changed. */
export interface ChangedCard extends FreshnessChange {
  readonly counter: CardCacheCounter;
}

export type CounterName = 'Container' | 'File';

export interface CounterChange {
  readonly increment: readonly CounterName[];
  /** 0 to 0xFFFF, null to leave it. */
  readonly containersFreshness: number | null;
  readonly filesFreshness: number | null;
  /** Allows a value at or below the present one, and a PIN try when it is the last. */
  readonly force: boolean;
}

export async function readCardCounters(connection: SmartCardConnection): Promise<CardCacheCounter> {
  const gids = await selectCounters(connection);
  return describe(connection, gids, await readCounters(gids), null);
}

/**
 * Changes the counters and reads them back.
 * @throws CertPropError CardChanged, CounterNotIncreased, PinLastTry, WrongPin, PinBlocked, CounterNotWritten
 */
export async function writeCardCounters(
  connection: SmartCardConnection,
  cardId: string,
  change: CounterChange,
  pin: Uint8Array,
): Promise<ChangedCard> {
  const gids = await selectCounters(connection);
  if (gids.cardId !== cardId) throw cardChanged(connection, [cardId], [gids.cardId]);
  const before = await readCounters(gids);
  const wanted = changed(before, change, connection);
  if (!change.force) await refuseLastTry(gids, 'Be sure of the PIN, then repeat with -Force.');
  // The PIN belongs to the write: begun again after a reset, it would be presented twice.
  const after = await connection.uninterrupted(async () => {
    await verifyPin(gids, pin);
    await writeCounters(gids, wanted);
    return readCounters(gids);
  });
  if (!sameCounters(after, wanted)) throw notWritten(connection, gids);
  return {
    ...{ before, after },
    counter: describe(connection, gids, after, before),
    certificateFiles: certificateFileNames(gids),
  };
}

async function selectCounters(connection: SmartCardConnection): Promise<Gids> {
  const gids = await selectGids(connection);
  if (gids === null) throw cardWithoutCounters(connection);
  return gids;
}

function changed(
  before: CacheCounters,
  change: CounterChange,
  connection: SmartCardConnection,
): CacheCounters {
  const containersFreshness =
    change.containersFreshness ??
    (change.increment.includes('Container')
      ? increment(before.containersFreshness)
      : before.containersFreshness);
  const filesFreshness =
    change.filesFreshness ??
    (change.increment.includes('File') ? increment(before.filesFreshness) : before.filesFreshness);
  if (!change.force) {
    refuseDecrease(change.containersFreshness, before.containersFreshness, 'containers', connection);
    refuseDecrease(change.filesFreshness, before.filesFreshness, 'files', connection);
  }
  return { ...before, containersFreshness, filesFreshness };
}

function refuseDecrease(
  wanted: number | null,
  present: number,
  which: string,
  connection: SmartCardConnection,
): void {
  if (wanted === null || wanted > present) return;
  const readerName = visible(connection.readerName);
  throw new CertPropError(
    'CounterNotIncreased',
    `The ${which} freshness counter of the card in the reader "${readerName}" is ${present}; setting it to ${wanted} could make Windows take stale copies for fresh ones. Choose a higher value, use -Increment, or add -Force.`,
    { readerName },
  );
}

function sameCounters(a: CacheCounters, b: CacheCounters): boolean {
  return (
    a.pinsFreshness === b.pinsFreshness &&
    a.containersFreshness === b.containersFreshness &&
    a.filesFreshness === b.filesFreshness &&
    Buffer.compare(a.trailing, b.trailing) === 0
  );
}

function notWritten(connection: SmartCardConnection, gids: Gids): CertPropError {
  const readerName = visible(connection.readerName);
  return new CertPropError(
    'CounterNotWritten',
    `The card in the reader "${readerName}" took the new counters, but gives other values when they are read back. The card may be worn out or its cardcf file read-only.`,
    { readerName, cardId: gids.cardId },
  );
}

function describe(
  connection: SmartCardConnection,
  gids: Gids,
  now: CacheCounters,
  before: CacheCounters | null,
): CardCacheCounter {
  return {
    readerName: visible(connection.readerName),
    cardId: gids.cardId,
    pinsFreshness: now.pinsFreshness,
    containersFreshness: now.containersFreshness,
    filesFreshness: now.filesFreshness,
    previousPinsFreshness: before?.pinsFreshness ?? null,
    previousContainersFreshness: before?.containersFreshness ?? null,
    previousFilesFreshness: before?.filesFreshness ?? null,
  };
}
