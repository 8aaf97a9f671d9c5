/** One certificate out of a file that a person names. */
import { CertPropError } from '../errors.js';

/** The longest file that is read: a certificate of 64 KiB as PEM. */
export const longestCertificateFile = 128 * 1024;

const block = /-----BEGIN ([A-Z0-9 ]{1,40})-----([A-Za-z0-9+/=\s]*)-----END \1-----/gu;
const certificateLabels: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE']);

/** PFX (RFC 7292, 4): a SEQUENCE that begins with the INTEGER 3. */
const pfxVersion = Uint8Array.of(0x02, 0x01, 0x03);
/** ContentInfo (RFC 2315, 7) of signedData, as .p7b files are: a SEQUENCE that begins with the object identifier 1.2.840.113549.1.7.2. */
const signedData = Uint8Array.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02);
const sequenceTag = 0x30;

/**
 * What should be the certificate's DER: the file is DER or PEM (RFC 7468) with one certificate. Other text in a PEM file doesn't count.
 * @param title what is read, at the beginning of a sentence; safe to show
 * @throws CertPropError MalformedCertificate, PrivateKeyInFile
 */
export function certificateIn(file: Uint8Array, title: string): Uint8Array {
  if (file.length > longestCertificateFile) throw unusable(title, 'it is too large');
  const der = file[0] === sequenceTag ? file : pemCertificate(file, title);
  if (sequenceBeginsWith(der, pfxVersion)) throw privateKeyIn(title, 'it is a PFX (PKCS #12) file');
  if (sequenceBeginsWith(der, signedData)) throw unusable(title, 'it is a PKCS #7 file (.p7b)');
  return Uint8Array.from(der);
}

function pemCertificate(file: Uint8Array, title: string): Uint8Array {
  const blocks = [...Buffer.from(file).toString('latin1').matchAll(block)];
  if (blocks.some(([, label = '']) => label.endsWith('PRIVATE KEY')))
    throw privateKeyIn(title, 'it holds one');
  const [first, ...others] = blocks.filter(([, label = '']) => certificateLabels.has(label));
  if (first === undefined) throw unusable(title, 'it is neither DER nor PEM of a certificate');
  if (others.length > 0) throw unusable(title, `it holds ${String(others.length + 1)} certificates`);
  return Uint8Array.from(Buffer.from(first[2] ?? '', 'base64'));
}

function sequenceBeginsWith(der: Uint8Array, content: Uint8Array): boolean {
  const lengthByte = der[1] ?? 0;
  const start = lengthByte > 0x80 ? 2 + (lengthByte & 0x7f) : 2;
  return der[0] === sequenceTag && Buffer.compare(der.subarray(start, start + content.length), content) === 0;
}

/** @param why goes on after a colon */
export function unusable(title: string, why: string): CertPropError {
  return new CertPropError(
    'MalformedCertificate',
    `${title} can't be used: ${why}. Give a file with one certificate, DER or PEM.`,
  );
}

function privateKeyIn(title: string, why: string): CertPropError {
  return new CertPropError(
    'PrivateKeyInFile',
    `${title} can't be used: CertProp takes no private keys, and ${why}. Export the certificate alone (DER or PEM); its key has to be on the card already.`,
  );
}
