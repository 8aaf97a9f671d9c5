/**
 * BER-TLV data objects (ISO/IEC 7816-4:2013, 5.2.2): tags of 1 to 3 bytes, definite lengths of 1 to 5 bytes.
 * One call reads one level; nothing here recurses, so that no nesting can exhaust the stack.
 */
import { CertPropError } from '../errors.js';

export interface DataObject {
  /** The tag's bytes as a number: 0x5C, 0x7F49, 0x5FC102. */
  readonly tag: number;
  readonly value: Uint8Array;
}

const mostTagBytes = 3;
const mostLengthBytes = 4;

/**
 * The data objects that follow one another in `bytes`. Zero bytes between and after them are padding.
 * @throws CertPropError MalformedCardData
 */
export function parseDataObjects(bytes: Uint8Array): DataObject[] {
  const objects: DataObject[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes[offset] === 0) {
      offset++;
      continue;
    }
    const { object, end } = readDataObject(bytes, offset);
    objects.push(object);
    offset = end;
  }
  return objects;
}

/**
 * The data object that starts at `offset`, and where it ends.
 * @throws CertPropError MalformedCardData
 */
export function readDataObject(bytes: Uint8Array, offset: number): { object: DataObject; end: number } {
  const tag = readTag(bytes, offset);
  const length = readLength(bytes, tag.end);
  const end = length.end + length.value;
  if (end > bytes.length) throw malformed(offset, 'is longer than the data that holds it');
  return { object: { tag: tag.value, value: bytes.subarray(length.end, end) }, end };
}

/** The value of the first data object with a tag, null when there is none. */
export function findValue(objects: readonly DataObject[], tag: number): Uint8Array | null {
  return objects.find((object) => object.tag === tag)?.value ?? null;
}

/** One data object, its length in as few bytes as possible. */
export function encodeDataObject(tag: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([minimalBytes(tag), encodeLength(value.length), value]);
}

function readTag(bytes: Uint8Array, offset: number): { value: number; end: number } {
  let value = byteAt(bytes, offset);
  let end = offset + 1;
  if ((value & 0x1f) === 0x1f) {
    let next: number;
    do {
      if (end - offset === mostTagBytes)
        throw malformed(offset, `has a tag of over ${String(mostTagBytes)} bytes`);
      next = byteAt(bytes, end++);
      value = (value << 8) | next;
    } while ((next & 0x80) !== 0);
  }
  return { value, end };
}

function readLength(bytes: Uint8Array, offset: number): { value: number; end: number } {
  const first = byteAt(bytes, offset);
  if (first < 0x80) return { value: first, end: offset + 1 };
  const count = first & 0x7f;
  if (count === 0 || count > mostLengthBytes) throw malformed(offset, 'has an indefinite or invalid length');
  let value = 0;
  for (let index = 1; index <= count; index++) value = value * 256 + byteAt(bytes, offset + index);
  return { value, end: offset + 1 + count };
}

function encodeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length);
  const bytes = minimalBytes(length);
  return Buffer.concat([Uint8Array.of(0x80 | bytes.length), bytes]);
}

/** Big-endian without leading zeros. */
function minimalBytes(number: number): Uint8Array {
  const digits = number.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
}

function byteAt(bytes: Uint8Array, offset: number): number {
  const byte = bytes[offset];
  if (byte === undefined) throw malformed(offset, 'is cut off');
  return byte;
}

function malformed(offset: number, problem: string): CertPropError {
  return new CertPropError(
    'MalformedCardData',
    `A data object on the card (byte ${String(offset)}) ${problem}.`,
  );
}
