/** Key files B0xx: generating and importing keys, reading public ones (GIDS 2.0; template 7F49: ISO/IEC 7816-8:2019, table 3). */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { access, requireFileAccess } from './access.js';
import type { CardFile, CardKey, CardSession, CardState } from './card-state.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { isKeyFile } from './files.js';
import { findTlv, parseTlvs, tlv } from './tlv.js';

const publicKeyTemplate = 0x7f49;
const keyType = { symmetric: 1, rsa: 2 } as const;
const tripleDesKeyLength = 24;
/** Enough for RSA 4096 with a long exponent. */
export const longestTemplate = 1024;

/** Cryptographic mechanism identifiers (GIDS 2.0, 12.5.3.1). */
const rsaBits = new Map([
  [0x06, 1024],
  [0x07, 2048],
  [0x08, 3072],
  [0x09, 4096],
]);
const curves = new Map([
  [0x0c, 'P-256'],
  [0x0d, 'P-384'],
  [0x0e, 'P-521'],
]);

/** GENERATE ASYMMETRIC KEY PAIR with a control reference template AC: 80 mechanism, 83 key reference. */
export async function generateKey(
  state: CardState,
  session: CardSession,
  command: Command,
): Promise<Uint8Array> {
  if (command.p1 !== 0x00 || command.p2 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  const template = findTlv(command.data, 0xac) ?? new Uint8Array();
  const [mechanism] = findTlv(template, 0x80) ?? [];
  const file = keyFile(state, findTlv(template, 0x83));
  requireFileAccess(state, session, file, access.generateKey);
  const key = await newPublicKey(mechanism ?? 0);
  file.key = { kind: 'public', template: key };
  return tlv(publicKeyTemplate, key);
}

/** @param request the value of template 70: 84 key reference, A5 what is asked for (7F49, as an extended header) */
export function publicKey(state: CardState, session: CardSession, request: Uint8Array): Uint8Array {
  const file = keyFile(state, findTlv(request, 0x84));
  requireFileAccess(state, session, file, access.readPublicKey);
  if (file.key?.kind !== 'public') throw new CardStatus(statusWord.referencedDataNotFound);
  return tlv(publicKeyTemplate, file.key.template);
}

/** @param data template 70: 84 key reference, A5 (83 key type, 84 wrapping key, 87 key) */
export function importKey(state: CardState, session: CardSession, data: Uint8Array): void {
  const template = findTlv(data, 0x70);
  const content = template && findTlv(template, 0xa5);
  const value = content && findTlv(content, 0x87);
  if (!value) throw new CardStatus(statusWord.dataInvalid);
  const file = keyFile(state, findTlv(template, 0x84));
  requireFileAccess(state, session, file, access.putKey);
  if ((findTlv(content, 0x84)?.[0] ?? 0) !== 0) throw new CardStatus(statusWord.functionNotSupported);
  file.key = readKey(findTlv(content, 0x83)?.[0] ?? keyType.symmetric, value);
}

/** The value of template 7F49 for a public key. */
export function publicKeyValue(key: KeyObject): Uint8Array {
  const { kty, n, e, x, y } = key.export({ format: 'jwk' });
  if (kty === 'RSA' && n && e) return rsaTemplate(fromBase64Url(n), fromBase64Url(e));
  if (kty === 'EC' && x && y) return tlv(0x86, Uint8Array.of(0x04), fromBase64Url(x), fromBase64Url(y));
  throw new CardStatus(statusWord.functionNotSupported);
}

function keyFile(state: CardState, reference: Uint8Array | null): CardFile {
  const [number] = reference ?? [];
  const file = number === undefined ? undefined : state.files.get(0xb000 + number);
  if (!file || !isKeyFile(file)) throw new CardStatus(statusWord.referencedDataNotFound);
  return file;
}

async function newPublicKey(mechanism: number): Promise<Uint8Array> {
  const modulusLength = rsaBits.get(mechanism);
  if (modulusLength !== undefined) {
    return publicKeyValue((await promisify(generateKeyPair)('rsa', { modulusLength })).publicKey);
  }
  const namedCurve = curves.get(mechanism);
  if (namedCurve === undefined) throw new CardStatus(statusWord.functionNotSupported);
  return publicKeyValue((await promisify(generateKeyPair)('ec', { namedCurve })).publicKey);
}

function readKey(type: number, value: Uint8Array): CardKey {
  if (type === keyType.symmetric && value.length === tripleDesKeyLength) return { kind: 'secret', value };
  if (type === keyType.rsa) return { kind: 'public', template: rsaPublicHalf(value) };
  throw new CardStatus(statusWord.dataInvalid);
}

/** From RSAPrivateKey (RFC 8017, A.1.2): version, modulus, public exponent, and the private rest, which isn't kept. */
function rsaPublicHalf(privateKey: Uint8Array): Uint8Array {
  const [, modulus, exponent] = parseTlvs(findTlv(privateKey, 0x30) ?? new Uint8Array()) ?? [];
  if (modulus?.tag !== 0x02 || exponent?.tag !== 0x02) throw new CardStatus(statusWord.dataInvalid);
  const template = rsaTemplate(withoutLeadingZeros(modulus.value), withoutLeadingZeros(exponent.value));
  if (template.length > longestTemplate) throw new CardStatus(statusWord.dataInvalid);
  return template;
}

function rsaTemplate(modulus: Uint8Array, exponent: Uint8Array): Uint8Array {
  return Buffer.concat([tlv(0x81, modulus), tlv(0x82, exponent)]);
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.subarray(0, 0) : bytes.subarray(first);
}

function fromBase64Url(text: string): Uint8Array {
  return Buffer.from(text, 'base64url');
}
