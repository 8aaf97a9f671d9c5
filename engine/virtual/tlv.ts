/** BER-TLV (ISO/IEC 7816-4:2013, 5.2.2) as the virtual card reads and writes it; kept apart from the reader's own code on purpose. */

export interface Tlv {
  /** The tag's bytes as one number: 0x81, 0x7F49. */
  readonly tag: number;
  readonly value: Uint8Array;
}

/** The data objects in a row; null when a tag or length doesn't fit. */
export function parseTlvs(bytes: Uint8Array): readonly Tlv[] | null {
  const objects: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = readTag(bytes, offset);
    const length = tag && readLength(bytes, tag.next);
    if (!length || length.value > bytes.length - length.next) return null;
    objects.push({ tag: tag.value, value: bytes.slice(length.next, length.next + length.value) });
    offset = length.next + length.value;
  }
  return objects;
}

/** The value of the first object with this tag, null when there is none or the bytes are malformed. */
export function findTlv(bytes: Uint8Array, tag: number): Uint8Array | null {
  return parseTlvs(bytes)?.find((object) => object.tag === tag)?.value ?? null;
}

/** One data object, its length in as few bytes as possible. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(parts);
  return Uint8Array.from([...bigEndian(tag), ...lengthBytes(value.length), ...value]);
}

interface Read {
  readonly value: number;
  readonly next: number;
}

/** Tags of one to three bytes. */
function readTag(bytes: Uint8Array, offset: number): Read | null {
  const first = bytes[offset];
  if (first === undefined) return null;
  if ((first & 0x1f) !== 0x1f) return { value: first, next: offset + 1 };
  const second = bytes[offset + 1];
  if (second === undefined) return null;
  if ((second & 0x80) === 0) return { value: first * 0x100 + second, next: offset + 2 };
  const third = bytes[offset + 2];
  if (third === undefined || (third & 0x80) !== 0) return null;
  return { value: first * 0x10000 + second * 0x100 + third, next: offset + 3 };
}

/** Lengths of one to four bytes (00–7F, 81, 82, 83). */
function readLength(bytes: Uint8Array, offset: number): Read | null {
  const first = bytes[offset];
  if (first === undefined) return null;
  if (first < 0x80) return { value: first, next: offset + 1 };
  const count = first - 0x80;
  const digits = bytes.subarray(offset + 1, offset + 1 + count);
  if (count < 1 || count > 3 || digits.length < count) return null;
  return { value: digits.reduce((value, digit) => value * 0x100 + digit, 0), next: offset + 1 + count };
}

function lengthBytes(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const digits = bigEndian(length);
  return [0x80 + digits.length, ...digits];
}

function bigEndian(value: number): readonly number[] {
  return value < 0x100 ? [value] : [...bigEndian(Math.floor(value / 0x100)), value % 0x100];
}
