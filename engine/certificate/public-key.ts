/** Public keys as cards and certificates both give them, to tell whether a certificate belongs to a key. */

/** Integers are unsigned and big-endian, with or without leading zeros; the point is uncompressed or compressed as X9.62 has it. */
export type PublicKey =
  | { readonly kind: 'RSA'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | { readonly kind: 'EC'; readonly point: Uint8Array };

export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  if (a.kind === 'RSA' && b.kind === 'RSA') {
    return sameInteger(a.modulus, b.modulus) && sameInteger(a.exponent, b.exponent);
  }
  return a.kind === 'EC' && b.kind === 'EC' && samePoint(a.point, b.point);
}

function sameInteger(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(withoutLeadingZeros(a), withoutLeadingZeros(b)) === 0;
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? bytes.subarray(0, 0) : bytes.subarray(start);
}

/** The form of an uncompressed point: 04, X, Y (X9.62 section 4.3.6). */
const uncompressed = 0x04;

function samePoint(a: Uint8Array, b: Uint8Array): boolean {
  if (a[0] === uncompressed && b[0] === uncompressed) return Buffer.compare(a, b) === 0;
  return Buffer.compare(compress(a), compress(b)) === 0;
}

function compress(point: Uint8Array): Uint8Array {
  if (point[0] !== uncompressed || point.length % 2 === 0) return point;
  const coordinate = (point.length - 1) / 2;
  const parity = (point[point.length - 1] ?? 0) & 1;
  return Buffer.concat([Buffer.of(0x02 | parity), point.subarray(1, 1 + coordinate)]);
}
