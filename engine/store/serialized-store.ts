/**
 * The serialized store: a file of certificates with their properties (`.sst`), as Windows' certificate manager exports it and
 * CertSaveStore writes it (CERT_STORE_SAVE_AS_STORE; [MS-OSHARED] 2.3.9.1). u32le version 0; the characters "CERT"; each certificate's
 * properties and, with id 32, the certificate, as in serialized.ts; 12 zero bytes. Revocation lists (id 33) and trust lists (id 34) may
 * stand among the certificates, with properties of their own.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { readBounded } from './bounded-read.js';
import { onPath } from './file-error.js';
import { propertyId } from './property-id.js';
import { errorCode } from './retry.js';
import { decodeElement } from './serialized.js';
import type { CorruptEntry, StoreEntry } from './store.js';

/** The largest file that is read. */
export const maxStoreBytes = 16 * 1024 * 1024;

/** How the file begins. */
export const storeHeader: Uint8Array = Buffer.from('0000000043455254', 'hex');
const headerBytes = 12;
/** The ids that end an element (wincrypt.h): CERT_CERT_PROP_ID, CERT_CRL_PROP_ID, CERT_CTL_PROP_ID. */
const context = { certificate: propertyId.certificate, crl: 33, ctl: 34 } as const;
/** How it ends. */
export const storeEnd: Uint8Array = Buffer.alloc(headerBytes);

/**
 * Reads the certificates of a serialized store, in its order; those that can't be read are told as corrupt, by their number in the
 * file. The answer holds views of `bytes`.
 * @throws CertPropError MalformedStoreElement where the file as a whole can't be read: it is no such store, cut off, has no end or
 * bytes after it, or more than 16 MiB
 */
export function decodeStore(bytes: Uint8Array): readonly (StoreEntry | CorruptEntry)[] {
  if (bytes.length > maxStoreBytes) {
    throw malformed(`it has ${bytes.length} bytes, more than ${maxStoreBytes}`);
  }
  if (Buffer.compare(storeHeader, bytes.subarray(0, storeHeader.length)) !== 0) {
    throw malformed('it does not begin with the header of a serialized certificate store');
  }
  return certificateElements(bytes).map((element, index) => decodeEntry(element, index + 1));
}

/** The elements that end with a certificate, each from its first property on. */
function certificateElements(bytes: Uint8Array): readonly Uint8Array[] {
  const elements: Uint8Array[] = [];
  let start = storeHeader.length;
  let offset = start;
  for (;;) {
    const { id, end } = readHeader(bytes, offset);
    if (id === 0) {
      if (offset !== start) throw malformed(`the properties at byte ${start} belong to no certificate`);
      if (Buffer.compare(storeEnd, bytes.subarray(offset)) !== 0)
        throw malformed(`byte ${offset} is not its end`);
      return elements;
    }
    offset = end;
    if (id === context.certificate) elements.push(bytes.subarray(start, end));
    if (id === context.certificate || id === context.crl || id === context.ctl) start = end;
  }
}

function readHeader(bytes: Uint8Array, offset: number): { readonly id: number; readonly end: number } {
  const start = offset + headerBytes;
  if (start > bytes.length) throw malformed(`it is cut off at byte ${bytes.length}: its end is missing`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, headerBytes);
  const [id, length] = [view.getUint32(0, true), view.getUint32(8, true)];
  if (length > bytes.length - start) {
    throw malformed(
      `property ${id} at byte ${offset} declares ${length} bytes, ${bytes.length - start} are left`,
    );
  }
  return { id, end: start + length };
}

function decodeEntry(element: Uint8Array, number: number): StoreEntry | CorruptEntry {
  try {
    const { certificate, properties } = decodeElement(element);
    return { thumbprint: thumbprintOf(certificate), certificate, properties };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    const name = `certificate ${number}`;
    return { name, problem: `The file's ${name} is damaged: ${error.message}` };
  }
}

/**
 * Reads a serialized store file that a person named. A link is followed; anything but a regular file is refused without waiting for it.
 * @throws CertPropError MalformedStoreElement, StoreAccessDenied, StoreUnavailable, each with the file
 */
export async function readStoreFile(path: string): Promise<readonly (StoreEntry | CorruptEntry)[]> {
  try {
    return decodeStore(await onPath(path, () => readFile(path)));
  } catch (error) {
    if (!(error instanceof CertPropError) || error.id !== 'MalformedStoreElement') throw error;
    throw new CertPropError(error.id, `${visible(path)}: ${error.message}`, { file: path }, { cause: error });
  }
}

async function readFile(path: string): Promise<Uint8Array> {
  const file = await openFile(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw malformed('it is no regular file');
    if (stats.size > maxStoreBytes) throw malformed(`it has more than ${maxStoreBytes} bytes`);
    const bytes = await readBounded(file, stats.size);
    if (bytes === null) throw malformed('another program is writing it');
    return bytes;
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    const message = `${visible(path)} does not exist. Check the path of the certificate store file.`;
    throw new CertPropError('StoreUnavailable', message, { file: path }, { cause });
  }
}

function malformed(problem: string): CertPropError {
  return new CertPropError(
    'MalformedStoreElement',
    `The certificate store file can't be read: ${problem}. Export it again as a serialized store (.sst).`,
  );
}
