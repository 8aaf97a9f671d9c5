/**
 * The DER that PKCS #15 files are made of (PKCS #15 v1.1 and ISO/IEC 7816-15:2016 name the types; X.690 the encoding).
 * Everything here comes from the card: a value that is not as expected is null, never an exception of another kind than CertPropError.
 */
import { findValue, parseDataObjects, type DataObject } from './tlv.js';

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8String: 0x0c,
  sequence: 0x30,
} as const;

const longestInteger = 4;

/** The two bytes that fill what is not used of a file: written zeros, and memory that was never written. */
const fill: ReadonlySet<number | undefined> = new Set([0x00, 0xff]);

export function isFill(byte: number | undefined): boolean {
  return fill.has(byte);
}

/**
 * How many of a file's bytes are needed to hold its first data object, as far as `bytes`, its beginning, tells: more than
 * `bytes.length` when more must be read. A file that begins with fill holds none.
 */
export function endOfFirstObject(bytes: Uint8Array): number {
  return endOfObject(bytes, 0) ?? 0;
}

/** The same for data objects in a row, up to fill. */
export function endOfObjects(bytes: Uint8Array): number {
  let end = 0;
  for (;;) {
    if (end >= bytes.length) return bytes.length + 1;
    const next = endOfObject(bytes, end);
    if (next === null) return end;
    end = next;
  }
}

/** Null where fill begins. One byte tags only; a length that is cut off or invalid ends with the header. */
function endOfObject(bytes: Uint8Array, start: number): number | null {
  const first = bytes[start + 1];
  if (isFill(bytes[start])) return null;
  if (first === undefined) return start + 2;
  if (first < 0x80) return start + 2 + first;
  const count = first & 0x7f;
  const header = start + 2 + count;
  if (count > 4 || bytes.length < header) return header;
  return header + bytes.subarray(start + 2, header).reduce((length, digit) => length * 0x100 + digit, 0);
}

/** A file's data objects up to its fill. @throws CertPropError MalformedCardData */
export function objectsOf(bytes: Uint8Array): DataObject[] {
  return parseDataObjects(bytes.subarray(0, Math.min(endOfObjects(bytes), bytes.length)));
}

/** A non-negative INTEGER of at most four bytes. */
export function integer(value: Uint8Array | null): number | null {
  const signed = signedInteger(value);
  return signed === null || signed < 0 ? null : signed;
}

/** An INTEGER of at most four bytes. */
export function signedInteger(value: Uint8Array | null): number | null {
  if (value === null || value.length === 0 || value.length > longestInteger) return null;
  return Buffer.from(value).readIntBE(0, value.length);
}

/** The bits that are set, counted from the first (X.690, 8.6). */
export function bits(value: Uint8Array | null): ReadonlySet<number> {
  const set = new Set<number>();
  for (const [index, byte] of (value ?? new Uint8Array()).subarray(1, 5).entries()) {
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) set.add(index * 8 + bit);
  }
  return set;
}

/** UTF-8, null when absent or empty. */
export function text(value: Uint8Array | null): string | null {
  return value === null || value.length === 0 ? null : Buffer.from(value).toString('utf8');
}

/** The elements of the first SEQUENCE among some objects, null without one. @throws CertPropError MalformedCardData */
export function firstSequence(objects: readonly DataObject[]): DataObject[] | null {
  const value = findValue(objects, tags.sequence);
  return value === null ? null : parseDataObjects(value);
}
