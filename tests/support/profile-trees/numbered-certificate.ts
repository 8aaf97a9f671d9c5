/** Certificates that differ in nothing but their serial number, for stores of any size: made without a key, and their signature is void. */
import { readFileSync } from 'node:fs';

/** RFC 5280, section 4.1.2.2: at most 20 bytes. */
const serialBytes = 16;

const template = readFileSync('tests/fixtures/certificates/user-rsa.der');
/** Both outer SEQUENCE have lengths of two bytes; the version (5 bytes) comes before the serial number. */
const bodyStart = 4;
const serialStart = bodyStart + 4 + 5;
const serialEnd = serialStart + 2 + (template[serialStart + 1] ?? 0);

/** DER. @param number the serial number, below 2^32 */
export function numberedCertificate(number: number): Uint8Array {
  const serial = Buffer.alloc(2 + serialBytes);
  serial.set([0x02, serialBytes, 0x01]);
  serial.writeUInt32BE(number, serial.length - 4);
  const der = Buffer.concat([template.subarray(0, serialStart), serial, template.subarray(serialEnd)]);
  const growth = der.length - template.length;
  for (const lengthAt of [2, bodyStart + 2]) der.writeUInt16BE(der.readUInt16BE(lengthAt) + growth, lengthAt);
  return der;
}
