/**
 * `mscp/kxcNN` and `mscp/kscNN`, a certificate: `01 00`, u16le length of the DER, the DER as a zlib stream (RFC 1950);
 * some programs write plain DER (Windows Smart Card Minidriver Specification v7.07, File System Requirements).
 */
import { deflate, Inflate } from 'pako';
import { CertPropError } from '../../errors.js';
import { readDataObject } from '../tlv.js';

const headerLength = 4;
const largestCertificate = 0xffff;
const sequenceTag = 0x30;
const zlibWindowBits = 15;

/**
 * The certificate's DER. Whether it is a certificate is not looked at.
 * @throws CertPropError MalformedCardData
 */
export function decodeCertificateFile(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw malformed('it is empty');
  if (bytes[0] === sequenceTag) return wholeSequence(bytes);
  if (bytes.length < headerLength || bytes[0] !== 1 || bytes[1] !== 0)
    throw malformed('its format is unknown');
  const length = (bytes[2] ?? 0) | ((bytes[3] ?? 0) << 8);
  return inflateExactly(bytes.subarray(headerLength), length);
}

/**
 * The file for a certificate, always compressed: OpenSC rejects plain DER.
 * @throws CertPropError MalformedCertificate if the DER is larger than 65,535 bytes
 */
export function encodeCertificateFile(certificate: Uint8Array): Uint8Array {
  if (certificate.length > largestCertificate) {
    throw new CertPropError(
      'MalformedCertificate',
      `The certificate has ${String(certificate.length)} bytes; a card takes at most ${String(largestCertificate)}.`,
    );
  }
  const header = Uint8Array.of(1, 0, certificate.length & 0xff, certificate.length >> 8);
  return Buffer.concat([header, deflate(certificate, { level: 9 })]);
}

function wholeSequence(bytes: Uint8Array): Uint8Array {
  if (readDataObject(bytes, 0).end !== bytes.length) throw malformed('other bytes follow the certificate');
  return Uint8Array.from(bytes);
}

/** Inflates no further than one byte past `length`, so that a small file can't fill the memory. */
function inflateExactly(stream: Uint8Array, length: number): Uint8Array {
  let inflated: Uint8Array = new Uint8Array();
  const inflator = new Inflate({ windowBits: zlibWindowBits, chunkSize: length + 1 });
  inflator.onData = (chunk) => {
    if (chunk.length > length)
      throw malformed(`it inflates to more than the ${String(length)} bytes it declares`);
    inflated = chunk;
  };
  if (!inflator.push(stream, true)) throw malformed('its compressed data is damaged');
  if (inflated.length !== length) {
    throw malformed(`it inflates to ${String(inflated.length)} bytes and declares ${String(length)}`);
  }
  return inflated;
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `The certificate file is damaged: ${problem}.`);
}
