import type { Enrollment } from '../../engine/certificate/enrollment.js';

/** The property CERT_ENROLLMENT_PROP_ID, as Microsoft's page on CertGetCertificateContextProperty lays it out. */
export function encodeEnrollment({ requestId, caDnsName, caName, friendlyName }: Enrollment): Uint8Array {
  return Buffer.concat([
    number(requestId),
    ...[caDnsName, caName, friendlyName].flatMap((name) => [
      number(name.length + 1),
      Buffer.from(`${name}\0`, 'utf16le'),
    ]),
  ]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
