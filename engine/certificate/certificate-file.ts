/** One certificate out of a file that a person names. */
import { CertPropError } from '../errors.js';

/** The longest file that is read: a certificate of 64 KiB as PEM. */
export const longestCertificateFile = 128 * 1024;

const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/gu;
const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

/** PFX (RFC 7292, 4): a SEQUENCE that begins with the INTEGER 3. */
const pfxVersion = Uint8Array.of(0x02, 0x01, 0x03);
const sequenceTag = 0x30;

/**
 * What should be the certificate's DER: the file is DER or PEM (RFC 7468) with one certificate. Other text in a PEM file doesn't count.
 * @throws CertPropError MalformedCertificate, PrivateKeyInFile
 */
export function certificateIn(file: Uint8Array): Uint8Array {
  if (file.length > longestCertificateFile) throw malformed('it is too large');
  const der = file[0] === sequenceTag ? file : pemCertificate(file);
  if (beginsWithPfxVersion(der)) throw privateKeyInFile('it is a PFX (PKCS #12) file');
  return Uint8Array.from(der);
}

function pemCertificate(file: Uint8Array): Uint8Array {
  const blocks = [...Buffer.from(file).toString('latin1').matchAll(block)];
  if (blocks.some(([, label = '']) => label.endsWith('PRIVATE KEY'))) throw privateKeyInFile('it holds one');
  const [first, ...others] = blocks.filter(([, label = '']) => certificateLabels.has(label));
  if (first === undefined) throw malformed('it is neither DER nor PEM');
  if (others.length > 0) throw malformed(`it holds ${String(others.length + 1)} certificates`);
  return Uint8Array.from(Buffer.from(first[2] ?? '', 'base64'));
}

function beginsWithPfxVersion(der: Uint8Array): boolean {
  const lengthByte = der[1] ?? 0;
  const start = lengthByte > 0x80 ? 2 + (lengthByte & 0x7f) : 2;
  return der[0] === sequenceTag && Buffer.compare(der.subarray(start, start + 3), pfxVersion) === 0;
}

function malformed(why: string): CertPropError {
  return new CertPropError(
    'MalformedCertificate',
    `The file can't be used: ${why}. Give a file with one certificate, DER or PEM.`,
  );
}

function privateKeyInFile(why: string): CertPropError {
  return new CertPropError(
    'PrivateKeyInFile',
    `CertProp takes no private keys, and this file is for one: ${why}. Export the certificate alone (DER or PEM); its key has to be on the card already.`,
  );
}
