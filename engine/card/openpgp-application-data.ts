/**
 * Application related data, DO 6E of an OpenPGP card: who it is, what it can, which keys it has
 * (Functional Specification of the OpenPGP application on ISO Smart Card Operating Systems 3.4.1, 4.2.1, 4.4.1 and 4.4.3).
 */
import { CertPropError } from '../errors.js';
import { hex } from '../text.js';
import { findValue, parseDataObjects, type DataObject } from './tlv.js';

/** RID of the Free Software Foundation Europe and the application's number. */
export const applicationId = Buffer.from('D27600012401', 'hex');

export interface ApplicationData {
  /** Of the specification that the card follows: 0x0304 is 3.4. */
  readonly version: number;
  readonly manufacturer: number;
  /** Four bytes. */
  readonly serial: Uint8Array;
  readonly historicalBytes: Uint8Array;
  /** The largest certificate that the card can store (bytes), null where it doesn't say. */
  readonly largestCertificate: number | null;
  /** Keys with a fingerprint; whoever made a key may have left it out. */
  readonly fingerprinted: ReadonlySet<KeyNumber>;
  /** Keys that the card says it has, null where it doesn't say. */
  readonly keys: ReadonlySet<KeyNumber> | null;
}

/** 1 signature, 2 decryption, 3 authentication. */
export type KeyNumber = 1 | 2 | 3;

const keyNumbers: readonly KeyNumber[] = [1, 2, 3];

const tags = {
  applicationId: 0x4f,
  historicalBytes: 0x5f52,
  applicationRelatedData: 0x6e,
  discretionaryData: 0x73,
  extendedCapabilities: 0xc0,
  fingerprints: 0xc5,
  keyInformation: 0xde,
} as const;

const applicationIdLength = 16;
const fingerprintLength = 20;
const largestCertificateOffset = 4;
const notPresent = 0;

/**
 * Reads the answer to GET DATA 6E.
 * @throws CertPropError MalformedCardData
 */
export function parseApplicationData(bytes: Uint8Array): ApplicationData {
  const objects = dataObjects(bytes);
  const fingerprints = findValue(objects, tags.fingerprints) ?? new Uint8Array();
  const keyInformation = findValue(objects, tags.keyInformation);
  return {
    ...parseApplicationId(findValue(objects, tags.applicationId)),
    historicalBytes: findValue(objects, tags.historicalBytes) ?? new Uint8Array(),
    largestCertificate: largestCertificate(findValue(objects, tags.extendedCapabilities)),
    fingerprinted: new Set(keyNumbers.filter((key) => hasFingerprint(fingerprints, key))),
    keys: keyInformation === null ? null : keysIn(keyInformation),
  };
}

/** The answer to GET DATA DE; some cards give it with its tag and length, which no key's number looks like. */
export function parseKeyInformation(bytes: Uint8Array): ReadonlySet<KeyNumber> {
  return keysIn(bytes[0] === tags.keyInformation ? bytes.subarray(2) : bytes);
}

/** Some cards answer without the tag 6E; YubiKey NEOs were seen with an empty 73 and its content behind it. */
function dataObjects(bytes: Uint8Array): DataObject[] {
  const outer = parseDataObjects(bytes);
  const wrapped = findValue(outer, tags.applicationRelatedData);
  const objects = wrapped === null ? outer : parseDataObjects(wrapped);
  const discretionary = findValue(objects, tags.discretionaryData);
  return discretionary === null ? objects : [...parseDataObjects(discretionary), ...objects];
}

function parseApplicationId(
  bytes: Uint8Array | null,
): Pick<ApplicationData, 'version' | 'manufacturer' | 'serial'> {
  if (bytes?.length !== applicationIdLength || !applicationId.equals(bytes.subarray(0, applicationId.length)))
    throw malformed(`its application identifier is ${bytes === null ? 'missing' : hex(bytes)}`);
  const view = Buffer.from(bytes);
  return { version: view.readUInt16BE(6), manufacturer: view.readUInt16BE(8), serial: view.subarray(10, 14) };
}

function largestCertificate(capabilities: Uint8Array | null): number | null {
  const high = capabilities?.[largestCertificateOffset];
  const low = capabilities?.[largestCertificateOffset + 1];
  return high === undefined || low === undefined ? null : (high << 8) | low;
}

function hasFingerprint(fingerprints: Uint8Array, key: KeyNumber): boolean {
  const start = (key - 1) * fingerprintLength;
  return fingerprints.subarray(start, start + fingerprintLength).some((byte) => byte !== 0);
}

/** Pairs of a key's number and its state: 0 not present, 1 generated on the card, 2 imported. */
function keysIn(pairs: Uint8Array): ReadonlySet<KeyNumber> {
  return new Set(keyNumbers.filter((key) => isPresent(pairs, key)));
}

function isPresent(pairs: Uint8Array, key: KeyNumber): boolean {
  return pairs.some((number, index) => index % 2 === 0 && number === key && pairs[index + 1] !== notPresent);
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `The OpenPGP card's description is damaged: ${problem}.`);
}
