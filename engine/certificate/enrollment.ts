/** A pending request's enrollment: what the property CERT_ENROLLMENT_PROP_ID of its placeholder certificate holds. */

/** Text is as stored: outside text. */
export interface Enrollment {
  /** Under which the authority keeps the request. */
  readonly requestId: number;
  readonly caDnsName: string;
  readonly caName: string;
  /** Of the certificate asked for; often empty. */
  readonly friendlyName: string;
}

const maxEnrollmentBytes = 64 * 1024;
/** The longest name that is read, in UTF-16 units. */
const longestName = 1024;

/**
 * Reads the property (CertGetCertificateContextProperty, CERT_ENROLLMENT_PROP_ID): u32le request id; then the authority's DNS name,
 * its name and the display name, each as u32le number of UTF-16 units with the terminating zero, and the units, UTF-16LE.
 * A number of 0 stands for an empty name. Null for anything else: more than 64 KiB, a name of more than 1,024 units, one that is cut
 * off, not terminated or holds a zero before its end, and bytes after the last name.
 */
export function parseEnrollment(bytes: Uint8Array): Enrollment | null {
  if (bytes.length < 4 || bytes.length > maxEnrollmentBytes) return null;
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const caDnsName = readName(data, 4);
  const caName = readName(data, caDnsName?.end);
  const friendlyName = readName(data, caName?.end);
  if (caDnsName === null || caName === null || friendlyName?.end !== data.length) return null;
  return {
    requestId: data.readUInt32LE(0),
    caDnsName: caDnsName.text,
    caName: caName.text,
    friendlyName: friendlyName.text,
  };
}

interface Name {
  readonly text: string;
  /** Where the next one starts. */
  readonly end: number;
}

function readName(data: Buffer, offset: number | undefined): Name | null {
  if (offset === undefined || offset + 4 > data.length) return null;
  const units = data.readUInt32LE(offset);
  const start = offset + 4;
  if (units === 0) return { text: '', end: start };
  const end = start + 2 * units;
  if (units - 1 > longestName || end > data.length) return null;
  const text = data.toString('utf16le', start, end);
  return text.indexOf('\0') === units - 1 ? { text: text.slice(0, -1), end } : null;
}
