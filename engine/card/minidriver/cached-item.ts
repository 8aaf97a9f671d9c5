/**
 * The value of an item in Windows' cache of cards. No specification has it; what is known comes from Devolutions' sspi-rs, which plays
 * the resource manager to Windows' minidriver: a header of 16 bytes (6 as `cardcf` begins, 6 zeros, u32le length of the rest), then the
 * data. Some items have no header.
 */
import { type CacheCounters, parseCardcf } from './cardcf.js';

export interface CachedItem {
  /** The card's counters as they were when the item was made; null for an item without a header. */
  readonly counters: CacheCounters | null;
  readonly data: Uint8Array;
}

const headerLength = 16;
const countersLength = 6;
const lengthOffset = 12;

/** A header is one if its length fits; what has none is data as a whole. */
export function parseCachedItem(bytes: Uint8Array): CachedItem {
  if (!hasHeader(bytes)) return { counters: null, data: bytes };
  return { counters: parseCardcf(bytes.subarray(0, countersLength)), data: bytes.subarray(headerLength) };
}

function hasHeader(bytes: Uint8Array): boolean {
  if (bytes.length < headerLength) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(lengthOffset, true) === bytes.length - headerLength;
}
