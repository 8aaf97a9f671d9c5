/** The content of a public key template 7F49 (ISO/IEC 7816-8:2016, 5.4). */
import type { CardPublicKey } from './application.js';
import { findValue, parseDataObjects } from './tlv.js';

const modulusTag = 0x81;
const exponentTag = 0x82;
const pointTag = 0x86;

/** Null where it holds no RSA key and no point. @throws CertPropError MalformedCardData */
export function publicKeyIn(template: Uint8Array): CardPublicKey | null {
  const parts = parseDataObjects(template);
  const modulus = findValue(parts, modulusTag);
  const exponent = findValue(parts, exponentTag);
  if (modulus !== null && exponent !== null) return { kind: 'RSA', modulus, exponent };
  const point = findValue(parts, pointTag);
  return point === null ? null : { kind: 'EC', point };
}
