/** The public keys that a PKCS #15 card lists beside its private ones. */
import { CertPropError } from '../errors.js';
import type { CardPublicKey } from './application.js';
import type { Pkcs15 } from './pkcs15-application.js';
import { tags } from './pkcs15-asn1.js';
import { directoryTags, parsePublicKeyObject } from './pkcs15-directory.js';
import { readValue, spoilt, type ListObjects } from './pkcs15-objects.js';
import { findValue, parseDataObjects, type DataObject } from './tlv.js';

/** `[1]` SubjectPublicKeyInfo, where a directory holds the value itself. */
const taggedKeyInfo = 0xa1;
const rsaEncryption = '2a864886f70d010101';
const objectIdentifierTag = 0x06;

/**
 * The bytes of a key's public half, as the card has it; null where it has none, or none that can be read without the PIN.
 * @param id upper-case hex
 * @throws all that `transmit` throws
 */
export async function readPublicKeyValue(
  pkcs15: Pkcs15,
  list: ListObjects,
  id: string,
): Promise<Uint8Array | null> {
  for (const directory of pkcs15.directories.filter(({ tag }) => tag === directoryTags.publicKeys)) {
    for (const entry of await list(directory, (object) => parsePublicKeyObject(object, pkcs15.path))) {
      if (!('error' in entry) && entry.object.id === id) return readQuietly(pkcs15, entry.object.value);
    }
  }
  return null;
}

async function readQuietly(
  pkcs15: Pkcs15,
  value: Parameters<typeof readValue>[1],
): Promise<Uint8Array | null> {
  try {
    return await readValue(pkcs15, value);
  } catch (error) {
    spoilt(error);
    return null;
  }
}

/**
 * RSAPublicKey (RFC 8017, A.1.1), SubjectPublicKeyInfo (RFC 5280, 4.1), or a point in an OCTET STRING or BIT STRING; null for any
 * other form.
 */
export function parsePublicKey(bytes: Uint8Array): CardPublicKey | null {
  try {
    const [first] = parseDataObjects(bytes);
    return first === undefined ? null : keyIn(first);
  } catch (error) {
    if (error instanceof CertPropError) return null;
    throw error;
  }
}

function keyIn({ tag, value }: DataObject): CardPublicKey | null {
  switch (tag) {
    case tags.octetString:
      return pointKey(value);
    case tags.bitString:
      return pointKey(value.subarray(1));
    case tags.sequence:
      return sequenceKey(parseDataObjects(value));
    case taggedKeyInfo: {
      const parts = parseDataObjects(value);
      return sequenceKey(parts.length === 1 ? parseDataObjects(parts[0]?.value ?? new Uint8Array()) : parts);
    }
    default:
      return null;
  }
}

function sequenceKey([first, second]: readonly DataObject[]): CardPublicKey | null {
  if (first?.tag === tags.integer && second?.tag === tags.integer) {
    return { kind: 'RSA', modulus: unsigned(first.value), exponent: unsigned(second.value) };
  }
  if (first?.tag !== tags.sequence || second?.tag !== tags.bitString) return null;
  const algorithm = findValue(parseDataObjects(first.value), objectIdentifierTag);
  const key = second.value.subarray(1);
  if (Buffer.from(algorithm ?? []).toString('hex') !== rsaEncryption) return pointKey(key);
  const [rsaKey] = parseDataObjects(key);
  const [modulus, exponent] = parseDataObjects(rsaKey?.value ?? new Uint8Array());
  return modulus === undefined || exponent === undefined
    ? null
    : { kind: 'RSA', modulus: unsigned(modulus.value), exponent: unsigned(exponent.value) };
}

/** An uncompressed or compressed point (X9.62): 02, 03 or 04 first. */
function pointKey(point: Uint8Array): CardPublicKey | null {
  return [2, 3, 4].includes(point[0] ?? 0) ? { kind: 'EC', point } : null;
}

function unsigned(value: Uint8Array): Uint8Array {
  const start = value.findIndex((byte) => byte !== 0);
  return start < 0 ? value.subarray(0, 0) : value.subarray(start);
}
