/** Stores, key links and certificates as bytes, written without the engine's own code, so that a mistake of its can't hide itself. */
import { createHash, createPrivateKey, sign } from 'node:crypto';

export interface Property {
  readonly id: number;
  readonly value: Buffer;
}

export const propertyIds = { keyLink: 2, thumbprint: 3, archived: 19, certificate: 32 } as const;

/** u32le id, u32le 1, u32le length, value; again and again. */
export function readElement(bytes: Buffer): Property[] {
  const properties: Property[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes.readUInt32LE(offset + 8);
    properties.push({
      id: bytes.readUInt32LE(offset),
      value: bytes.subarray(offset + 12, offset + 12 + length),
    });
    offset += 12 + length;
  }
  return properties;
}

export function writeElement(properties: readonly Property[]): Buffer {
  return Buffer.concat(properties.flatMap(({ id, value }) => [numbers(id, 1, value.length), value]));
}

export interface Link {
  readonly container: string;
  readonly provider: string;
  readonly type: number;
  readonly keySpec: number;
}

/** The offsets of both names, type, flags, no parameters, key spec; then the names. */
export function writeKeyLink({ container, provider, type, keySpec }: Link): Buffer {
  const [first, second] = [container, provider].map((name) => Buffer.from(`${name}\0`, 'utf16le'));
  const [one, two] = [first ?? Buffer.alloc(0), second ?? Buffer.alloc(0)];
  return Buffer.concat([numbers(28, 28 + one.length, type, 0, 0, 0, keySpec), one, two]);
}

export function thumbprintOf(der: Buffer): string {
  return createHash('sha1').update(der).digest('hex').toUpperCase();
}

/** A store's entry of a certificate with a link. */
export function entryOf(der: Buffer, link: Link): Buffer {
  const sha1 = createHash('sha1').update(der).digest();
  return writeElement([
    { id: propertyIds.keyLink, value: writeKeyLink(link) },
    { id: propertyIds.thumbprint, value: sha1 },
    { id: propertyIds.certificate, value: der },
  ]);
}

/**
 * The certificate with other bytes in what is signed, signed again. Nothing changes its length: an elliptic curve's signature is made
 * until it has the length of the old one.
 * @param key PKCS #8, of an elliptic curve
 */
export function reissued(der: Buffer, key: Buffer, change: (signed: Buffer) => void): Buffer {
  // SEQUENCE (30 82, two bytes of length) of what is signed, again such a SEQUENCE.
  const [start, end] = [4, 8 + der.readUInt16BE(6)];
  const content = Buffer.from(der.subarray(start, end));
  change(content);
  const issuer = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  for (;;) {
    const signature = sign('sha256', content, issuer);
    const tail = der.length - signature.length;
    // The BIT STRING's length, and no unused bits, come before the signature.
    if (der[tail - 1] !== 0 || der[tail - 2] !== signature.length + 1 || der[tail - 3] !== 0x03) continue;
    return Buffer.concat([der.subarray(0, start), content, der.subarray(end, tail), signature]);
  }
}

/** Replaces the one occurrence of some bytes. */
export function replaceOnce(bytes: Buffer, wanted: Buffer, other: Buffer): void {
  const at = bytes.indexOf(wanted);
  if (at < 0 || bytes.indexOf(wanted, at + 1) >= 0 || wanted.length !== other.length)
    throw new RangeError(`${wanted.toString('hex')} is not there once`);
  other.copy(bytes, at);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}
