/** Public keys of an OpenPGP card (OpenPGP card specification 3.4.1, 7.2.14). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { largestAnswer, sendCommand } from './apdu.js';
import type { CardPublicKey } from './application.js';
import type { KeySlot } from './openpgp-key-slots.js';
import { statusWords } from './status-word.js';
import { encodeDataObject, findValue, parseDataObjects } from './tlv.js';

/** GENERATE ASYMMETRIC KEY PAIR with this P1 reads the public key; with 80 it would make a new pair. */
const readPublicKeyOnly = 0x81;

const publicKeyTag = 0x7f49;
const modulusTag = 0x81;
const exponentTag = 0x82;
const pointTag = 0x86;
const uncompressedPoint = 0x04;

/**
 * A public key; no PIN is needed. Null where the card has none, or one of another kind than RSA and ECC over prime fields, or gives it
 * damaged.
 * @throws all that `transmit` throws
 */
export type ReadPublicKey = (slot: KeySlot) => Promise<CardPublicKey | null>;

/** Asks the card for each key once. */
export function publicKeyReader(card: SmartCardConnection): ReadPublicKey {
  const keys = new Map<KeySlot['name'], Promise<CardPublicKey | null>>();
  return (slot) => {
    const key = keys.get(slot.name) ?? readPublicKey(card, slot);
    keys.set(slot.name, key);
    return key;
  };
}

async function readPublicKey(card: SmartCardConnection, slot: KeySlot): Promise<CardPublicKey | null> {
  try {
    const answer = await sendCommand(card, {
      ...{ cla: 0, ins: 0x47, p1: readPublicKeyOnly, p2: 0 },
      data: encodeDataObject(slot.controlReference, new Uint8Array()),
      le: largestAnswer,
    });
    return answer.statusWord === statusWords.ok ? publicKeyIn(answer.data) : null;
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'MalformedCardData') return null;
    throw error;
  }
}

/** @throws CertPropError MalformedCardData */
function publicKeyIn(data: Uint8Array): CardPublicKey | null {
  const parts = parseDataObjects(findValue(parseDataObjects(data), publicKeyTag) ?? new Uint8Array());
  const modulus = findValue(parts, modulusTag);
  const exponent = findValue(parts, exponentTag);
  if (modulus !== null && exponent !== null) return { kind: 'RSA', modulus, exponent };
  const point = findValue(parts, pointTag);
  return point?.[0] === uncompressedPoint && point.length % 2 === 1 ? { kind: 'EC', point } : null;
}
