/**
 * Mutual authentication with a PIV card's management key, 9B (NIST SP 800-73-4, part 2, 3.2.4 and appendix A.1; algorithms: SP 800-78-4,
 * table 6-2). The card proves that it knows the key too.
 */
import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { expectOk, sendCommand, type Answer } from './apdu.js';
import { statusWords } from './status-word.js';
import { encodeDataObject, findValue, parseDataObjects } from './tlv.js';

interface Algorithm {
  readonly reference: number;
  /** OpenSSL's name; one block, without padding. */
  readonly cipher: 'des-ede3' | 'aes-128-ecb' | 'aes-192-ecb' | 'aes-256-ecb';
  readonly keyLength: number;
  readonly blockLength: 8 | 16;
}

/** Two have keys of one length: the card says which it doesn't know. */
const algorithms: readonly Algorithm[] = [
  { reference: 0x03, cipher: 'des-ede3', keyLength: 24, blockLength: 8 },
  { reference: 0x08, cipher: 'aes-128-ecb', keyLength: 16, blockLength: 16 },
  { reference: 0x0a, cipher: 'aes-192-ecb', keyLength: 24, blockLength: 16 },
  { reference: 0x0c, cipher: 'aes-256-ecb', keyLength: 32, blockLength: 16 },
];

const keyReference = 0x9b;
const templateTag = 0x7c;
const witnessTag = 0x80;
const challengeTag = 0x81;
const responseTag = 0x82;

const otherAlgorithm: ReadonlySet<number> = new Set([
  statusWords.incorrectParameters,
  statusWords.incorrectData,
]);
const wrongKey: ReadonlySet<number> = new Set([
  statusWords.securityStatusNotSatisfied,
  statusWords.incorrectData,
  0x6300,
]);

/** Whether a key has the length of one that a card may have. */
export function isManagementKeyLength(length: number): boolean {
  return algorithms.some(({ keyLength }) => keyLength === length);
}

/**
 * Authenticates as the card's administrator. The card will be reset when the work ends.
 * @param key 16, 24 or 32 bytes; the caller wipes them
 * @throws CertPropError WrongManagementKey, CardCommandFailed, MalformedCardData, and all that `transmit` throws
 */
export async function authenticate(card: SmartCardConnection, key: Uint8Array): Promise<void> {
  card.resetAtEnd();
  const { algorithm, witness } = await askForWitness(card, key.length);
  const challenge = randomBytes(algorithm.blockLength);
  const fields = [
    encodeDataObject(witnessTag, decrypt(algorithm, key, witness)),
    encodeDataObject(challengeTag, challenge),
    encodeDataObject(responseTag, new Uint8Array()),
  ];
  const answer = await generalAuthenticate(card, algorithm, fields);
  if (wrongKey.has(answer.statusWord)) throw wrongManagementKey(card, answer.statusWord);
  const response = fieldOf(expectOk(card, answer, 'check the management key'), responseTag);
  const expected = encrypt(algorithm, key, challenge);
  if (response?.length !== expected.length || !timingSafeEqual(response, expected))
    throw wrongManagementKey(card, answer.statusWord);
}

/** Nothing secret is sent, and no try is used up: algorithms of the key's length are tried until the card knows one. */
async function askForWitness(
  card: SmartCardConnection,
  keyLength: number,
): Promise<{ algorithm: Algorithm; witness: Uint8Array }> {
  const request = [encodeDataObject(witnessTag, new Uint8Array())];
  for (const algorithm of algorithms.filter((one) => one.keyLength === keyLength)) {
    const answer = await generalAuthenticate(card, algorithm, request);
    if (otherAlgorithm.has(answer.statusWord)) continue;
    const witness = fieldOf(expectOk(card, answer, 'begin a check of the management key'), witnessTag);
    if (witness?.length === algorithm.blockLength) return { algorithm, witness };
  }
  throw wrongManagementKey(card);
}

function generalAuthenticate(
  card: SmartCardConnection,
  { reference }: Algorithm,
  fields: readonly Uint8Array[],
): Promise<Answer> {
  const data = encodeDataObject(templateTag, Buffer.concat(fields));
  return sendCommand(card, { cla: 0x00, ins: 0x87, p1: reference, p2: keyReference, data, le: 256 });
}

function fieldOf(answer: Uint8Array, tag: number): Uint8Array | null {
  const template = findValue(parseDataObjects(answer), templateTag);
  return template === null ? null : findValue(parseDataObjects(template), tag);
}

function encrypt({ cipher }: Algorithm, key: Uint8Array, block: Uint8Array): Uint8Array {
  return createCipheriv(cipher, key, null).setAutoPadding(false).update(block);
}

function decrypt({ cipher }: Algorithm, key: Uint8Array, block: Uint8Array): Uint8Array {
  return createDecipheriv(cipher, key, null).setAutoPadding(false).update(block);
}

function wrongManagementKey(outside: SmartCardConnection, statusWord?: number): CertPropError {
  const readerName = visible(outside.readerName);
  return new CertPropError(
    'WrongManagementKey',
    `This is not the management key of the PIV card in the reader "${readerName}", or not its kind of key (3DES, AES). Whoever issued the card has it.`,
    statusWord === undefined ? { readerName } : { readerName, statusWord },
  );
}
