/** The key management of a virtual PIV card: mutual authentication with 9B, and new keys (NIST SP 800-73-4, part 2, 3.2.4 and 3.3.2). */
import { createCipheriv, generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { CardStatus, statusWord, type Command } from './command.js';
import { publicKeyValue } from './keys.js';
import type { ManagementAlgorithm, PivSession, PivState } from './piv-state.js';
import { findTlv, tlv } from './tlv.js';

const managementKey = 0x9b;
/** Cryptographic algorithm identifiers (SP 800-78-4, table 6-2). */
const algorithms = { default: 0x00, rsa2048: 0x07, p256: 0x11, p384: 0x14 } as const;

interface Cipher {
  readonly reference: number;
  readonly name: string;
  readonly blockLength: number;
}

const ciphers: Readonly<Record<ManagementAlgorithm, Cipher>> = {
  '3DES': { reference: 0x03, name: 'des-ede3', blockLength: 8 },
  'AES-128': { reference: 0x08, name: 'aes-128-ecb', blockLength: 16 },
  'AES-192': { reference: 0x0a, name: 'aes-192-ecb', blockLength: 16 },
  'AES-256': { reference: 0x0c, name: 'aes-256-ecb', blockLength: 16 },
};

/** The key slots: 9A to 9E without 9B, and 82 to 95. */
const isKeySlot = (slot: number): boolean =>
  (slot >= 0x82 && slot <= 0x95) || [0x9a, 0x9c, 0x9d, 0x9e].includes(slot);

/** The card's witness comes first; the terminal gives it back decrypted, with a challenge of its own. */
export function authenticate(state: PivState, session: PivSession, command: Command): Uint8Array {
  const { p1, p2, data } = command;
  const { reference, blockLength } = ciphers[state.managementAlgorithm];
  const isDefault = p1 === algorithms.default && state.managementAlgorithm === '3DES';
  if (p2 !== managementKey || (p1 !== reference && !isDefault)) {
    throw new CardStatus(statusWord.incorrectP1P2);
  }
  const template = findTlv(data, 0x7c) ?? new Uint8Array();
  const witness = findTlv(template, 0x80);
  const challenge = findTlv(template, 0x81);
  session.isManaged = false;
  if (witness?.length === 0) {
    session.witness = randomBytes(blockLength);
    return tlv(0x7c, tlv(0x80, encrypted(state, session.witness)));
  }
  const expected = session.witness;
  session.witness = null;
  if (!expected || !witness || !Buffer.from(expected).equals(witness)) {
    throw new CardStatus(statusWord.securityStatusNotSatisfied);
  }
  if (challenge?.length !== blockLength) throw new CardStatus(statusWord.incorrectData);
  session.isManaged = true;
  return tlv(0x7c, tlv(0x82, encrypted(state, challenge)));
}

/** GENERATE ASYMMETRIC KEY PAIR. The card keeps no private keys; a certificate is what it is asked for. */
export async function generateKey(session: PivSession, { p1, p2, data }: Command): Promise<Uint8Array> {
  if (p1 !== 0x00 || !isKeySlot(p2)) throw new CardStatus(statusWord.incorrectP1P2);
  if (!session.isManaged) throw new CardStatus(statusWord.securityStatusNotSatisfied);
  const [algorithm] = findTlv(findTlv(data, 0xac) ?? new Uint8Array(), 0x80) ?? [];
  return tlv(0x7f49, publicKeyValue((await newKeyPair(algorithm)).publicKey));
}

function newKeyPair(algorithm: number | undefined) {
  switch (algorithm) {
    case algorithms.rsa2048:
      return promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    case algorithms.p256:
      return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
    case algorithms.p384:
      return promisify(generateKeyPair)('ec', { namedCurve: 'P-384' });
    default:
      throw new CardStatus(statusWord.incorrectData);
  }
}

function encrypted(state: PivState, block: Uint8Array): Uint8Array {
  const { name } = ciphers[state.managementAlgorithm];
  return createCipheriv(name, state.managementKey, null).setAutoPadding(false).update(block);
}
