import type { PublicKey } from './public-key.js';

/** The size of a key in bits as container maps have it; a curve's is that of its field, of P-521 that is 521. */
export function keySizeBits(key: PublicKey): number {
  if (key.kind === 'EC') return fieldSizeBits(key.point);
  const start = key.modulus.findIndex((byte) => byte !== 0);
  if (start < 0) return 0;
  return (key.modulus.length - start) * 8 - (Math.clz32(key.modulus[start] ?? 0) - 24);
}

/** Uncompressed (04) a point has both coordinates, else one. */
function fieldSizeBits(point: Uint8Array): number {
  const coordinate = point[0] === 0x04 ? (point.length - 1) / 2 : point.length - 1;
  return coordinate === 66 ? 521 : coordinate * 8;
}
