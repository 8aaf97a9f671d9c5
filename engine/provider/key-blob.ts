/** Public keys as Windows' providers export them. */
import type { PublicKey } from '../certificate/public-key.js';

/** BCRYPT_RSAPUBLIC_MAGIC (bcrypt.h) and the magic of RSAPUBKEY (wincrypt.h): `RSA1`. */
const rsaMagic = 0x31415352;
/** bcrypt.h: BCRYPT_ECDH_PUBLIC_* and BCRYPT_ECDSA_PUBLIC_*, for P-256, P-384, P-521 and curves by name. */
const eccMagics: ReadonlySet<number> = new Set([
  ...[0x314b4345, 0x334b4345, 0x354b4345, 0x504b4345],
  ...[0x31534345, 0x33534345, 0x35534345, 0x50444345],
]);

/** PUBLICKEYBLOB and CUR_BLOB_VERSION: a BLOBHEADER's first two bytes (wincrypt.h). */
const capiType = 0x06;
const capiVersion = 0x02;

/** BCRYPT_RSAKEY_BLOB: magic, bits, length of exponent, of modulus, and of two primes (0); all u32le. */
const bcryptRsaHeader = 24;
/** BCRYPT_ECCKEY_BLOB: magic, length of a coordinate. */
const bcryptEccHeader = 8;
/** BLOBHEADER (8 bytes), then RSAPUBKEY: magic, bits, exponent. */
const capiHeader = 20;

/**
 * Reads BCRYPT_RSAPUBLIC_BLOB, BCRYPT_ECCPUBLIC_BLOB (bcrypt.h; NCryptExportKey) or PUBLICKEYBLOB (wincrypt.h; CryptExportKey).
 * Null for anything else.
 */
export function parseKeyBlob(bytes: Uint8Array): PublicKey | null {
  const blob = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (blob.length < bcryptEccHeader) return null;
  const magic = blob.readUInt32LE(0);
  if (magic === rsaMagic) return bcryptRsaKey(blob);
  if (eccMagics.has(magic)) return bcryptEccKey(blob);
  return blob[0] === capiType && blob[1] === capiVersion ? capiKey(blob) : null;
}

/** The exponent and the modulus follow the header, big-endian. */
function bcryptRsaKey(blob: Buffer): PublicKey | null {
  if (blob.length < bcryptRsaHeader) return null;
  const modulusAt = bcryptRsaHeader + blob.readUInt32LE(8);
  const end = modulusAt + blob.readUInt32LE(12);
  if (end > blob.length) return null;
  return rsaKey(blob.subarray(modulusAt, end), blob.subarray(bcryptRsaHeader, modulusAt));
}

/** X and Y follow the header. */
function bcryptEccKey(blob: Buffer): PublicKey | null {
  const coordinate = blob.readUInt32LE(4);
  const end = bcryptEccHeader + 2 * coordinate;
  if (coordinate === 0 || end > blob.length) return null;
  return { kind: 'EC', point: new Uint8Array([0x04, ...blob.subarray(bcryptEccHeader, end)]) };
}

/** The modulus follows the header, little-endian. */
function capiKey(blob: Buffer): PublicKey | null {
  if (blob.length < capiHeader || blob.readUInt32LE(8) !== rsaMagic) return null;
  const end = capiHeader + Math.ceil(blob.readUInt32LE(12) / 8);
  if (end > blob.length) return null;
  const exponent = Buffer.alloc(4);
  exponent.writeUInt32BE(blob.readUInt32LE(16));
  return rsaKey(blob.subarray(capiHeader, end).toReversed(), exponent);
}

function rsaKey(modulus: Uint8Array, exponent: Uint8Array): PublicKey | null {
  if (modulus.length === 0 || exponent.length === 0) return null;
  return { kind: 'RSA', modulus: new Uint8Array(modulus), exponent: new Uint8Array(exponent) };
}
