/**
 * The key map of a GIDS card (EFID A000, DO DF20): which key files it has (laid out by the Windows inbox class minidriver). One version
 * byte (01), then records of 12 bytes: u32 state, u8 algorithm, u8 type (9A exchange, 9C signature), u16le key file, FFFF, 2 bytes of padding.
 */
import { CertPropError } from '../errors.js';
import type { KeySpec } from './card.js';
import type { Gids } from './gids-application.js';
import { getObject } from './gids-data.js';

export interface KeyMapRecord {
  /** Of the container that the key belongs to. */
  readonly index: number;
  readonly keySpec: KeySpec;
}

const place = { efid: 0xa000, tag: 0xdf20 } as const;
const version = 1;
const recordLength = 12;
const typeOffset = 5;
const fileOffset = 6;
const signatureType = 0x9c;
const firstKeyFile = 0xb081;

/** None for a card without such a map. @throws CertPropError CardCommandFailed, MalformedCardData, and all that `transmit` throws */
export async function readKeyMap({ card }: Gids): Promise<KeyMapRecord[]> {
  try {
    return parseKeyMap(await getObject(card, place, 'key map'));
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'CardObjectNotFound') return [];
    throw error;
  }
}

/** Each container once. What is behind the last whole record doesn't count, nor do records of other files. */
export function parseKeyMap(bytes: Uint8Array): KeyMapRecord[] {
  const byIndex = new Map(allRecords(bytes).map((record) => [record.index, record]));
  return [...byIndex.values()].filter(({ index }) => index >= 0);
}

function allRecords(bytes: Uint8Array): KeyMapRecord[] {
  if (bytes[0] !== version) return [];
  const records = Buffer.from(bytes.subarray(1));
  return Array.from({ length: Math.floor(records.length / recordLength) }, (_, number) => {
    const record = records.subarray(number * recordLength, (number + 1) * recordLength);
    const keySpec: KeySpec = record[typeOffset] === signatureType ? 'Signature' : 'KeyExchange';
    return { index: record.readUInt16LE(fileOffset) - firstKeyFile, keySpec };
  });
}
