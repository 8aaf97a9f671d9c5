/** The key link: the certificate property that names the provider and container of the private key (KEY_PROV_INFO). */
import { CertPropError } from '../errors.js';

/** Text is as stored: outside text. */
export interface KeyLink {
  /** The container's name, at times as `\\.\<reader>\<container>`. */
  readonly container: string;
  readonly provider: string;
  /** 0 for a key storage provider (CNG), otherwise the type of the CSP (wincrypt.h, PROV_*). */
  readonly providerType: number;
  readonly flags: number;
  /** 1 AT_KEYEXCHANGE, 2 AT_SIGNATURE; any other number occurs, most of all with key storage providers. */
  readonly keySpec: number;
}

export const baseCsp = 'Microsoft Base Smart Card Crypto Provider';
export const smartCardKsp = 'Microsoft Smart Card Key Storage Provider';

/** wincrypt.h, CERT_SET_KEY_PROV_HANDLE_PROP_ID: the provider's handle is kept with the certificate once it is open. */
export const setKeyProvHandleFlag = 1;

/** wincrypt.h, AT_KEYEXCHANGE and AT_SIGNATURE. */
export const keySpecNumber = { KeyExchange: 1, Signature: 2 } as const;

/**
 * The 32-bit form, on 64-bit Windows too ([MS-GPEF] 2.2.1.1.1.1.1): u32le offset of the container's name, of the provider's name,
 * provider type, flags, number of provider parameters, their offset, key spec; then the names, UTF-16LE and zero terminated.
 */
const headerBytes = 28;

/** The longest name that is read, in UTF-16 units; those in use have at most about 300 (a reader and a container). */
const longestName = 1024;

/**
 * Reads a key link. The names may come in either order and unaligned; provider parameters are skipped;
 * a name whose offset is 0 is empty, and one longer than 1,024 UTF-16 units is refused.
 * @throws CertPropError MalformedStoreElement
 */
export function decodeKeyLink(bytes: Uint8Array): KeyLink {
  if (bytes.length < headerBytes)
    throw malformed(`it has ${bytes.length} bytes, its header alone ${headerBytes}`);
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    container: readName(data, data.readUInt32LE(0), 'container'),
    provider: readName(data, data.readUInt32LE(4), 'provider'),
    providerType: data.readUInt32LE(8),
    flags: data.readUInt32LE(12),
    keySpec: data.readUInt32LE(24),
  };
}

function readName(data: Buffer, offset: number, what: string): string {
  if (offset === 0) return '';
  if (offset < headerBytes || offset >= data.length) {
    throw malformed(`the offset of the ${what} name, ${offset}, is outside its ${data.length} bytes`);
  }
  const last = offset + 2 * longestName;
  for (let end = offset; end + 1 < data.length && end <= last; end += 2) {
    if (data[end] === 0 && data[end + 1] === 0) return data.toString('utf16le', offset, end);
  }
  throw malformed(`the ${what} name is not terminated, or longer than ${longestName} characters`);
}

/**
 * Writes a key link.
 * @throws CertPropError MalformedStoreElement for a name that holds a zero character: it could not be read again
 */
export function encodeKeyLink({ container, provider, providerType, flags, keySpec }: KeyLink): Uint8Array {
  const containerName = encodeName(container, 'container');
  const providerName = encodeName(provider, 'provider');
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(headerBytes, 0);
  header.writeUInt32LE(headerBytes + containerName.length, 4);
  header.writeUInt32LE(providerType, 8);
  header.writeUInt32LE(flags, 12);
  header.writeUInt32LE(keySpec, 24);
  return Buffer.concat([header, containerName, providerName]);
}

function encodeName(name: string, what: string): Uint8Array {
  if (name.includes('\0')) throw malformed(`the ${what} name holds a zero character`);
  return Buffer.from(`${name}\0`, 'utf16le');
}

/** Whether the provider is one of Windows' two for smart cards; Windows compares provider names without case. */
export function isSmartCardProvider(provider: string): boolean {
  return smartCardProviders.has(provider.toLowerCase());
}

const smartCardProviders: ReadonlySet<string> = new Set([baseCsp.toLowerCase(), smartCardKsp.toLowerCase()]);

/** The container's name without the reader that may stand before it (`\\.\<reader>\`). */
export function containerOf(link: KeyLink): string {
  return link.container.replace(/^\\\\\.\\[^\\]*\\/u, '');
}

/** The reader that stands before the container's name; null where none does. */
export function readerOf(link: KeyLink): string | null {
  return /^\\\\\.\\([^\\]+)\\/u.exec(link.container)?.[1] ?? null;
}

function malformed(problem: string): CertPropError {
  return new CertPropError(
    'MalformedStoreElement',
    `A certificate's key link (KEY_PROV_INFO) can't be read: ${problem}.`,
  );
}
