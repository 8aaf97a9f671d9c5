/**
 * What the directory files of a PKCS #15 card say (PKCS #15 v1.1, 6; ISO/IEC 7816-15:2016, 8): the ODF names the files that list
 * objects; each object is a SEQUENCE of common, class, (subclass [0]) and type [1] attributes, whatever its kind.
 */
import { CertPropError } from '../errors.js';
import { hex } from '../text.js';
import { bits, firstSequence, objectsOf, signedInteger, tags, text } from './pkcs15-asn1.js';
import { parsePlace, type FilePath, type Place } from './pkcs15-path.js';
import { findValue, parseDataObjects, type DataObject } from './tlv.js';

/** PKCS15Objects' tags. Certificates: of the holder, trusted by the holder, useful to others. */
export const directoryTags = {
  privateKeys: 0xa0,
  publicKeys: 0xa1,
  trustedPublicKeys: 0xa2,
  certificates: 0xa4,
  trustedCertificates: 0xa5,
  usefulCertificates: 0xa6,
} as const;

/** A list of objects: in a file of its own, or in the ODF itself. */
export interface Directory {
  readonly tag: number;
  readonly source: { readonly place: Place } | { readonly objects: Uint8Array };
}

/** An object's value: at a place, or in its directory. */
export type ObjectValue = { readonly place: Place } | { readonly bytes: Uint8Array };

interface ListedObject {
  /** Upper-case hex; a key and its certificate have the same. */
  readonly id: string;
}

export interface ListedCertificate extends ListedObject {
  /** Outside text. */
  readonly label: string | null;
  /** The certificate of an authority, not of the card's holder. */
  readonly isAuthority: boolean;
  readonly value: ObjectValue;
}

export interface ListedPrivateKey extends ListedObject {
  readonly usage: ReadonlySet<number>;
  /** What commands call the key on the card, 0 to 255; null where the card does not say. */
  readonly reference: number | null;
}

export interface ListedPublicKey extends ListedObject {
  readonly value: ObjectValue;
}

/** KeyUsageFlags. */
export const keyUsage = {
  decrypt: 1,
  sign: 2,
  signRecover: 3,
  unwrap: 5,
  derive: 8,
  nonRepudiation: 9,
} as const;

const explicit = { subclassOrDirect: 0xa0, type: 0xa1 } as const;

/** More directories than any card has. */
const mostDirectories = 32;

/**
 * @param odf what the object directory file holds
 * @throws CertPropError MalformedCardData
 */
export function parseObjectDirectory(odf: Uint8Array, application: FilePath): Directory[] {
  const directories = new Map<string, Directory>();
  for (const { tag, value } of objectsOf(odf)) {
    const directory = parseDirectory(tag, parseDataObjects(value), application);
    if (directory !== null) directories.set(`${String(tag)} ${hex(value)}`, directory);
  }
  if (directories.size > mostDirectories) throw malformed(`names ${String(directories.size)} directories`);
  return [...directories.values()];
}

/** PathOrObjects: a path, or [0] and the objects. */
function parseDirectory(tag: number, parts: readonly DataObject[], application: FilePath): Directory | null {
  const path = findValue(parts, tags.sequence);
  const place = path === null ? null : parsePlace(path, application);
  if (place !== null) return { tag, source: { place } };
  const objects = findValue(parts, explicit.subclassOrDirect);
  return objects === null ? null : { tag, source: { objects } };
}

/** X509Certificate objects; null for a certificate of another kind. @throws CertPropError MalformedCardData */
export function parseCertificateObject(object: DataObject, application: FilePath): ListedCertificate | null {
  if (object.tag !== tags.sequence) return null;
  const { common, attributes, value } = parseObject(object, application);
  const authority = findValue(attributes, tags.boolean);
  return {
    id: idIn(attributes),
    label: text(findValue(common, tags.utf8String)),
    isAuthority: authority !== null && authority[0] !== 0,
    value: value ?? missing('certificate'),
  };
}

/** @throws CertPropError MalformedCardData */
export function parsePrivateKeyObject(object: DataObject, application: FilePath): ListedPrivateKey {
  const { attributes } = parseObject(object, application);
  const reference = signedInteger(findValue(attributes, tags.integer));
  return {
    id: idIn(attributes),
    usage: bits(findValue(attributes, tags.bitString)),
    // OpenSC up to 0.11.4 wrote 128 to 255 as a negative number.
    reference: reference === null ? null : reference & 0xff,
  };
}

/** @throws CertPropError MalformedCardData */
export function parsePublicKeyObject(object: DataObject, application: FilePath): ListedPublicKey {
  const { attributes, value } = parseObject(object, application);
  return { id: idIn(attributes), value: value ?? missing('public key') };
}

function parseObject(
  { value }: DataObject,
  application: FilePath,
): { common: DataObject[]; attributes: DataObject[]; value: ObjectValue | null } {
  const parts = parseDataObjects(value);
  const [common, attributes] = parts.filter(({ tag }) => tag === tags.sequence);
  const type = findValue(parts, explicit.type);
  if (common === undefined || attributes === undefined || type === null) {
    throw malformed('lists an object without its attributes');
  }
  return {
    common: parseDataObjects(common.value),
    attributes: parseDataObjects(attributes.value),
    value: objectValue(firstSequence(parseDataObjects(type)) ?? [], application),
  };
}

/** ObjectValue: a path, or [0] and the value. */
function objectValue([first]: readonly DataObject[], application: FilePath): ObjectValue | null {
  if (first?.tag === explicit.subclassOrDirect) return { bytes: first.value };
  const place = first?.tag === tags.sequence ? parsePlace(first.value, application) : null;
  return place && { place };
}

function idIn(attributes: readonly DataObject[]): string {
  const id = findValue(attributes, tags.octetString);
  if (id === null) throw malformed('lists an object without an id');
  return hex(id);
}

function missing(what: string): never {
  throw malformed(`does not say where a ${what} is`);
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `The card's PKCS #15 directory ${problem}.`);
}
