/**
 * The structure of DER (ITU-T X.690) without its values: tags of one byte and definite lengths, which is all that certificates have.
 * Nothing is copied and nothing decoded, so that one field of many certificates is found quickly.
 */

/** Where a value lies in its bytes. */
export interface DerValue {
  readonly bytes: Buffer;
  /** The identifier octet, class and constructed bit included. */
  readonly tag: number;
  /** Of its tag. */
  readonly start: number;
  /** Of its content. */
  readonly content: number;
  readonly end: number;
}

const highTag = 0x1f;
const longLength = 0x80;
/** No certificate has more than 16 MiB. */
const maxLengthBytes = 3;

/**
 * The value that begins there.
 * @param limit where what holds it ends
 * @throws RangeError for what is no DER, or has a longer tag or length
 */
export function derAt(bytes: Buffer, start: number, limit: number): DerValue {
  const tag = byteAt(bytes, start, limit);
  if ((tag & highTag) === highTag) throw new RangeError('long tag');
  const first = byteAt(bytes, start + 1, limit);
  const lengthBytes = first < longLength ? 0 : first - longLength;
  if (lengthBytes > maxLengthBytes || first === longLength) throw new RangeError('length');
  const content = start + 2 + lengthBytes;
  let length = lengthBytes === 0 ? first : 0;
  for (let at = start + 2; at < content; at++) length = length * 256 + byteAt(bytes, at, limit);
  if (content + length > limit) throw new RangeError('cut off');
  return { bytes, tag, start, content, end: content + length };
}

/** What is in a constructed value. @throws RangeError */
export function derParts({ bytes, content, end }: DerValue): readonly DerValue[] {
  const parts: DerValue[] = [];
  for (let at = content; at < end;) {
    const part = derAt(bytes, at, end);
    parts.push(part);
    at = part.end;
  }
  return parts;
}

export function derContent({ bytes, content, end }: DerValue): Buffer {
  return bytes.subarray(content, end);
}

/** The content as text of one byte for each character. */
export function derLatin1({ bytes, content, end }: DerValue): string {
  return bytes.toString('latin1', content, end);
}

/** The content in upper-case hex. */
export function derHex({ bytes, content, end }: DerValue): string {
  return bytes.toString('hex', content, end).toUpperCase();
}

/** An object identifier's content as dotted numbers. @throws RangeError */
export function oidText({ bytes, content, end }: DerValue): string {
  const numbers: number[] = [];
  let number = 0;
  for (let at = content; at < end; at++) {
    const byte = byteAt(bytes, at, end);
    number = number * 128 + (byte & 0x7f);
    if (number > 0xffff_ffff) throw new RangeError('large number');
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const [first, ...others] = numbers;
  if (first === undefined || number !== 0) throw new RangeError('object identifier');
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...others].join('.');
}

function byteAt(bytes: Buffer, at: number, limit: number): number {
  const byte = at < limit ? bytes[at] : undefined;
  if (byte === undefined) throw new RangeError('cut off');
  return byte;
}
