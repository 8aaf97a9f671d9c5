/** Keys of a virtual OpenPGP card (OpenPGP card specification 3.4.1, 4.4.3.9, 4.4.3.12 and 7.2.14). */
import { createHash, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { CardStatus, statusWord, type Command } from './command.js';
import { publicKeyValue } from './keys.js';
import type { OpenpgpKeyNumber, OpenpgpSession, OpenpgpState } from './openpgp-card-state.js';
import { parseTlvs, tlv } from './tlv.js';

export const openpgpKeyNumbers: readonly OpenpgpKeyNumber[] = [1, 2, 3];

/** Tags of the key number 1; 2 and 3 follow. */
export const firstKeyTags = { attributes: 0xc1, fingerprint: 0xc7, generationTime: 0xce } as const;

const keyByControlReference: ReadonlyMap<number, OpenpgpKeyNumber> = new Map([
  [0xb6, 1],
  [0xb8, 2],
  [0xa4, 3],
]);
const decryptionKey: OpenpgpKeyNumber = 2;
const publicKeyTemplate = 0x7f49;
const generate = 0x80;
const read = 0x81;

const algorithm = { rsa: 0x01, ecdh: 0x12, ecdsa: 0x13 } as const;
/** By the object identifier's content in hex; the names are OpenSSL's. */
const curves: ReadonlyMap<string, string> = new Map([
  ['2a8648ce3d030107', 'prime256v1'],
  ['2b81040022', 'secp384r1'],
  ['2b81040023', 'secp521r1'],
]);
const defaultAttributes = rsaAttributes(2048);

/** GENERATE ASYMMETRIC KEY PAIR: a new pair for the administrator, the public key for everyone. */
export async function generateOrRead(
  state: OpenpgpState,
  session: OpenpgpSession,
  { p1, p2, data }: Command,
): Promise<Uint8Array> {
  if ((p1 !== generate && p1 !== read) || p2 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  const key = keyByControlReference.get(parseTlvs(data)?.[0]?.tag ?? 0);
  if (key === undefined) throw new CardStatus(statusWord.incorrectData);
  if (p1 === generate) {
    if (!session.adminVerified) throw new CardStatus(statusWord.securityStatusNotSatisfied);
    state.keys.set(key, publicKeyValue(await newPublicKey(attributesOf(state, key))));
  }
  const publicKey = state.keys.get(key);
  if (!publicKey) throw new CardStatus(statusWord.referencedDataNotFound);
  return tlv(publicKeyTemplate, publicKey);
}

/** Gives the card a key, as a client does that writes its algorithm and its fingerprint (which here only has to be unique) too. */
export function putOpenpgpKey(state: OpenpgpState, number: OpenpgpKeyNumber, publicKey: KeyObject): void {
  const value = publicKeyValue(publicKey);
  state.keys.set(number, value);
  state.objects.set(firstKeyTags.attributes + number - 1, attributesFor(publicKey, number));
  state.objects.set(firstKeyTags.fingerprint + number - 1, createHash('sha1').update(value).digest());
}

export function attributesOf(state: OpenpgpState, key: OpenpgpKeyNumber): Uint8Array {
  return state.objects.get(firstKeyTags.attributes + key - 1) ?? defaultAttributes;
}

/** Whether a key can be made with these algorithm attributes. */
export function areSupported(attributes: Uint8Array): boolean {
  return rsaBits(attributes) !== null || curveOf(attributes) !== undefined;
}

async function newPublicKey(attributes: Uint8Array): Promise<KeyObject> {
  const modulusLength = rsaBits(attributes);
  if (modulusLength !== null) return (await promisify(generateKeyPair)('rsa', { modulusLength })).publicKey;
  const namedCurve = curveOf(attributes);
  if (namedCurve === undefined) throw new CardStatus(statusWord.functionNotSupported);
  return (await promisify(generateKeyPair)('ec', { namedCurve })).publicKey;
}

function rsaBits([kind, high = 0, low = 0]: Uint8Array): number | null {
  const bits = (high << 8) | low;
  return kind === algorithm.rsa && [2048, 3072, 4096].includes(bits) ? bits : null;
}

function curveOf(attributes: Uint8Array): string | undefined {
  const [kind] = attributes;
  if (kind !== algorithm.ecdh && kind !== algorithm.ecdsa) return undefined;
  return curves.get(Buffer.from(attributes.subarray(1)).toString('hex'));
}

function attributesFor(publicKey: KeyObject, number: OpenpgpKeyNumber): Uint8Array {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return rsaAttributes(modulusLength);
  const [identifier = ''] = [...curves].find(([, name]) => name === namedCurve) ?? [];
  return Buffer.concat([
    Uint8Array.of(number === decryptionKey ? algorithm.ecdh : algorithm.ecdsa),
    Buffer.from(identifier, 'hex'),
  ]);
}

/** An exponent of 17 bits; import with exponent and primes. */
function rsaAttributes(bits: number): Uint8Array {
  return Uint8Array.of(algorithm.rsa, bits >> 8, bits & 0xff, 0x00, 0x11, 0x00);
}
