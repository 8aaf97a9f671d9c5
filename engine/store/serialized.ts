/**
 * The serialized store element: a certificate with its properties, as Windows keeps it in files and in the registry's `Blob` values
 * ([MS-GPEF] 2.2.1.1.1.1, [MS-OSHARED] 2.3.2.5.4). A sequence of u32le property id, u32le 1, u32le length and value;
 * the certificate itself is the element with id 32, last.
 */
import { createHash } from 'node:crypto';
import { CertPropError } from '../errors.js';
import { propertyId } from './property-id.js';
import type { Properties } from './store.js';

/** The largest element that is read or written; those in use have 1 to 10 KiB. */
export const maxElementBytes = 1024 * 1024;

export interface SerializedElement {
  /** DER. */
  readonly certificate: Uint8Array;
  /** In the order in which they are stored, unknown ids too. */
  readonly properties: Properties;
}

const headerBytes = 12;
/** X509_ASN_ENCODING: the one encoding that the format knows. */
const encodingType = 1;

/**
 * Reads one element. Nothing is copied: the answer holds views of `element`.
 * @throws CertPropError MalformedStoreElement
 */
export function decodeElement(element: Uint8Array): SerializedElement {
  if (element.length > maxElementBytes) throw tooLarge(element.length);
  const bytes = viewOf(element);
  const properties = new Map<number, Uint8Array>();
  let offset = 0;
  for (;;) {
    const { id, value, end } = readProperty(bytes, offset);
    if (id === propertyId.certificate) {
      if (value.length === 0) throw malformed('the certificate is empty');
      if (end !== bytes.length) throw malformed(`${bytes.length - end} bytes follow the certificate`);
      return { certificate: value, properties };
    }
    if (properties.has(id)) throw malformed(`property ${id} is there twice`);
    properties.set(id, value);
    offset = end;
  }
}

/**
 * Reads properties that belong to no certificate, such as those of a key (the folder `Keys` of a store); views of `stored`.
 * @throws CertPropError MalformedStoreElement
 */
export function decodeProperties(stored: Uint8Array): Properties {
  const bytes = viewOf(stored);
  const properties = new Map<number, Uint8Array>();
  for (let offset = 0; offset < bytes.length;) {
    const { id, value, end } = readProperty(bytes, offset);
    properties.set(id, value);
    offset = end;
  }
  return properties;
}

/** No Buffer, whose parts would be Buffers. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

interface StoredProperty {
  readonly id: number;
  readonly value: Uint8Array;
  /** Where the next one starts. */
  readonly end: number;
}

function readProperty(bytes: Uint8Array, offset: number): StoredProperty {
  if (offset === bytes.length) throw malformed('the certificate (element 32) is missing');
  const start = offset + headerBytes;
  if (start > bytes.length) throw malformed(`the property at byte ${offset} is cut off`);
  const id = uint32(bytes, offset);
  const encoding = uint32(bytes, offset + 4);
  const length = uint32(bytes, offset + 8);
  if (encoding !== encodingType) {
    throw malformed(`property ${id} at byte ${offset} has encoding type ${encoding}, not ${encodingType}`);
  }
  if (length > bytes.length - start) {
    throw malformed(
      `property ${id} at byte ${offset} declares ${length} bytes, ${bytes.length - start} are left`,
    );
  }
  return { id, value: bytes.subarray(start, start + length), end: start + length };
}

/** Little endian. A DataView for each header took longer than all the rest of reading it. */
function uint32(bytes: Uint8Array, at: number): number {
  return (
    (byte(bytes, at) |
      (byte(bytes, at + 1) << 8) |
      (byte(bytes, at + 2) << 16) |
      (byte(bytes, at + 3) << 24)) >>>
    0
  );
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/**
 * Writes one element. The SHA-1 property (3) is always written and always right: it keeps its place where there is one and comes
 * first otherwise. Windows makes the other hashes itself where they are absent.
 * @param properties without the certificate
 * @throws CertPropError MalformedStoreElement if the element would not be readable
 */
export function encodeElement(certificate: Uint8Array, properties: Properties): Uint8Array {
  if (certificate.length === 0) throw malformed('the certificate is empty');
  if (properties.has(propertyId.certificate)) throw malformed('the certificate is among the properties');
  const sha1 = createHash('sha1').update(certificate).digest();
  const complete = properties.has(propertyId.sha1Hash)
    ? new Map(properties).set(propertyId.sha1Hash, sha1)
    : new Map([[propertyId.sha1Hash, sha1], ...properties]);
  complete.set(propertyId.certificate, certificate);
  const element = Buffer.concat([...complete].flatMap(([id, value]) => [header(id, value.length), value]));
  if (element.length > maxElementBytes) throw tooLarge(element.length);
  return element;
}

function header(id: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(headerBytes);
  bytes.writeUInt32LE(id, 0);
  bytes.writeUInt32LE(encodingType, 4);
  bytes.writeUInt32LE(length, 8);
  return bytes;
}

/** The value of a text property (friendly name, description): UTF-16LE up to the first zero character. Outside text. */
export function decodeText(value: Uint8Array): string {
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf16le');
  return text.split('\0', 1)[0] ?? '';
}

/** UTF-16LE, zero terminated. */
export function encodeText(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'utf16le');
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedStoreElement', `A stored certificate can't be read: ${problem}.`);
}

function tooLarge(length: number): CertPropError {
  return malformed(`it has ${length} bytes, more than ${maxElementBytes}`);
}
