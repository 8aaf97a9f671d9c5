/**
 * A PIV card's certificate object: 70 the certificate, 71 CertInfo, FE error detection code (NIST SP 800-73-4, part 1, table 10).
 * CertInfo says whether the certificate is compressed, but some cards lack it and others lie: the certificate's first bytes decide.
 */
import { gzip, Inflate } from 'pako';
import { CertPropError } from '../errors.js';
import { decodeCertificateFile } from './minidriver/certificate-file.js';
import { encodeDataObject, findValue, parseDataObjects } from './tlv.js';

const certificateTag = 0x70;
const certificateInfoTag = 0x71;
const errorDetectionTag = 0xfe;
/** CertInfo of a certificate that lies there as gzip (part 1, 3.1.1). */
const gzipInfo = 0x01;
/** The longest certificate that every card's object takes (part 1, table 10). */
const plainCertificate = 1856;
/** The most that a compressed certificate may become. */
const largestCertificate = 0xffff;
/** CRC32 and ISIZE, the trailer of a gzip member (RFC 1952, 2.3.1). */
const trailerLength = 8;
/** zlib's way to ask for the gzip format: 16 above the window's bits. */
const gzipWindowBits = 31;

/**
 * The certificate's DER, null when the object holds none. The card has it plain, as gzip (RFC 1952), or as a minidriver's certificate
 * file (`01 00`, length, zlib), which Pointsharp Net iD writes. Whether it is a certificate is not looked at.
 * @param content what template 53 holds
 * @throws CertPropError MalformedCardData
 */
export function decodeCertificateObject(content: Uint8Array): Uint8Array | null {
  const value = findValue(parseDataObjects(content), certificateTag);
  if (value === null || value.length === 0) return null;
  return value[0] === 0x1f && value[1] === 0x8b ? gunzip(value) : decodeCertificateFile(value);
}

/**
 * What template 53 holds for a certificate (DER): plain as long as the standard's object takes it, for not every program inflates;
 * else as gzip.
 */
export function encodeCertificateObject(certificate: Uint8Array): Uint8Array {
  const isPlain = certificate.length <= plainCertificate;
  return Buffer.concat([
    encodeDataObject(certificateTag, isPlain ? certificate : gzip(certificate, { level: 9 })),
    encodeDataObject(certificateInfoTag, Uint8Array.of(isPlain ? 0 : gzipInfo)),
    encodeDataObject(errorDetectionTag, new Uint8Array()),
  ]);
}

/** Inflates no further than one byte past the length that the trailer declares (ISIZE), so that a small object can't fill the memory. */
function gunzip(bytes: Uint8Array): Uint8Array {
  if (bytes.length < trailerLength) throw malformed('it is cut off');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  if (length > largestCertificate) throw malformed(`it would inflate to ${String(length)} bytes`);
  let inflated: Uint8Array = new Uint8Array();
  const inflator = new Inflate({ windowBits: gzipWindowBits, chunkSize: length + 1 });
  inflator.onData = (chunk) => {
    if (chunk.length > length)
      throw malformed(`it inflates to more than the ${String(length)} bytes it declares`);
    inflated = chunk;
  };
  if (!inflator.push(bytes, true)) throw malformed('its compressed data is damaged');
  if (inflated.length !== length) {
    throw malformed(`it inflates to ${String(inflated.length)} bytes and declares ${String(length)}`);
  }
  return inflated;
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `The compressed certificate is damaged: ${problem}.`);
}
