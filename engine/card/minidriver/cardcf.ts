/**
 * `cardcf`, the cache file: counters that tell Windows what to read from the card again
 * (Windows Smart Card Minidriver Specification v7.07, CARD_CACHE_FILE_FORMAT).
 */
import { CertPropError } from '../../errors.js';

export interface CacheCounters {
  /** u8 */
  readonly version: number;
  /** u8 */
  readonly pinsFreshness: number;
  /** u16: to be raised by whoever changes a container (a key, cmapfile). */
  readonly containersFreshness: number;
  /** u16: to be raised by whoever changes a file (a certificate, msroots). */
  readonly filesFreshness: number;
  /** What other applications keep behind the six bytes. */
  readonly trailing: Uint8Array;
}

const fixedLength = 6;

/** @throws CertPropError MalformedCardData for fewer than six bytes */
export function parseCardcf(bytes: Uint8Array): CacheCounters {
  if (bytes.length < fixedLength) {
    throw new CertPropError(
      'MalformedCardData',
      `The cache file has ${String(bytes.length)} bytes; it needs at least ${String(fixedLength)}.`,
      { file: 'cardcf' },
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    version: view.getUint8(0),
    pinsFreshness: view.getUint8(1),
    containersFreshness: view.getUint16(2, true),
    filesFreshness: view.getUint16(4, true),
    trailing: bytes.slice(fixedLength),
  };
}

export function encodeCardcf(counters: CacheCounters): Uint8Array {
  const bytes = new Uint8Array(fixedLength + counters.trailing.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, counters.version);
  view.setUint8(1, counters.pinsFreshness);
  view.setUint16(2, counters.containersFreshness, true);
  view.setUint16(4, counters.filesFreshness, true);
  bytes.set(counters.trailing, fixedLength);
  return bytes;
}

/** The counter's next value; 0xFFFF is followed by 0x0001. */
export function increment(counter: number): number {
  return counter === 0xffff ? 1 : counter + 1;
}
