import { hash } from 'node:crypto';
import type * as Asn1js from 'asn1js';
import type * as Pkijs from 'pkijs';
import { CertPropError } from '../errors.js';
import { hex } from '../text.js';
import { children, textOf } from './asn1.js';
import { attributeText, formatName, type NameAttribute } from './distinguished-name.js';
import { readExtensions, type CertificateExtensions } from './extensions.js';
import type { PublicKey } from './public-key.js';

/** What CertProp shows and decides by, read from a certificate (RFC 5280 section 4.1). Text is as in the certificate: outside text. */
export interface CertificateInfo extends CertificateExtensions {
  /** SHA-1 of the DER, upper-case hex. */
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  /** Upper-case hex of the encoded number, most significant byte first, as .NET shows it. */
  readonly serialNumber: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Subject and issuer are the same, byte for byte. */
  readonly isSelfIssued: boolean;
  /** Those of the subject alternative name, then the subject's own (RFC 5280 section 4.1.2.6). */
  readonly emailAddresses: readonly string[];
  /** `RSA`, `EC`, `Ed25519`, `Ed448`, or the algorithm's object identifier. */
  readonly keyAlgorithm: string;
  /** Null for algorithms that no card family here knows. */
  readonly publicKey: PublicKey | null;
}

/** The largest certificate that is read; those on cards have 700 to 2,500 bytes. */
export const maxCertificateBytes = 64 * 1024;

const algorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.10045.2.1': 'EC',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

const emailAddress = '1.2.840.113549.1.9.1';

interface Parsers {
  readonly asn1js: typeof Asn1js;
  readonly pkijs: typeof Pkijs;
}

let loading: Promise<Parsers> | undefined;

/** Loads the X.509 packages (about 100 ms, once); call it early to overlap this with the reading of a card. */
export async function loadX509(): Promise<Parsers> {
  loading ??= Promise.all([import('asn1js'), import('pkijs')]).then(([asn1js, pkijs]) => ({ asn1js, pkijs }));
  return loading;
}

/** SHA-1 of a DER certificate, upper-case hex. */
export function thumbprintOf(certificate: Uint8Array): string {
  return hash('sha1', certificate, 'hex').toUpperCase();
}

/**
 * Reads a DER certificate.
 * @throws CertPropError MalformedCertificate
 */
export async function readCertificate(certificate: Uint8Array): Promise<CertificateInfo> {
  const parsers = await loadX509();
  try {
    return describe(parsers, certificate);
  } catch (cause) {
    throw new CertPropError(
      'MalformedCertificate',
      `This is not an X.509 certificate that can be read (${certificate.length} bytes). Have the certificate issued or stored again.`,
      {},
      { cause },
    );
  }
}

/** Null for what is no certificate. */
export async function readCertificateOrNull(certificate: Uint8Array): Promise<CertificateInfo | null> {
  try {
    return await readCertificate(certificate);
  } catch (error) {
    if (error instanceof CertPropError) return null;
    throw error;
  }
}

function describe({ asn1js, pkijs }: Parsers, der: Uint8Array): CertificateInfo {
  if (der.length > maxCertificateBytes) throw new RangeError('too large');
  const parsed = asn1js.fromBER(der);
  if (parsed.offset !== der.length) throw new RangeError('bytes after the certificate');
  const certificate = new pkijs.Certificate({ schema: parsed.result });
  const keyInfo = certificate.subjectPublicKeyInfo;
  const extensions = readExtensions(asn1js, certificate.extensions ?? []);
  return {
    thumbprint: thumbprintOf(der),
    subject: nameText(asn1js, certificate.subject),
    issuer: nameText(asn1js, certificate.issuer),
    serialNumber: hex(certificate.serialNumber.valueBlock.valueHexView),
    notBefore: time(certificate.notBefore),
    notAfter: time(certificate.notAfter),
    isSelfIssued: sameName(certificate.subject, certificate.issuer),
    ...extensions,
    emailAddresses: [...extensions.emailAddresses, ...subjectEmailAddresses(certificate.subject)],
    keyAlgorithm: algorithms[keyInfo.algorithm.algorithmId] ?? keyInfo.algorithm.algorithmId,
    publicKey: publicKeyOf(asn1js, keyInfo),
  };
}

function time(value: Pkijs.Time): number {
  const milliseconds = value.value.getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError('invalid time');
  return milliseconds;
}

/** pkijs flattens a name's parts, so the name is read from its own bytes. */
function nameText(asn1js: typeof Asn1js, name: Pkijs.RelativeDistinguishedNames): string {
  const { result } = asn1js.fromBER(name.valueBeforeDecode);
  return formatName(children(asn1js, result).map((part) => children(asn1js, part).map(attribute)));

  function attribute(node: Asn1js.AsnType): NameAttribute {
    const [type, value] = children(asn1js, node);
    if (!(type instanceof asn1js.ObjectIdentifier) || value === undefined)
      throw new TypeError('name attribute');
    return { type: type.valueBlock.toString(), text: attributeText(value) };
  }
}

function sameName(a: Pkijs.RelativeDistinguishedNames, b: Pkijs.RelativeDistinguishedNames): boolean {
  return Buffer.from(a.valueBeforeDecode).equals(Buffer.from(b.valueBeforeDecode));
}

function subjectEmailAddresses(subject: Pkijs.RelativeDistinguishedNames): readonly string[] {
  return subject.typesAndValues
    .filter(({ type }) => type === emailAddress)
    .map(({ value }) => textOf(value))
    .filter((address) => address !== null);
}

function publicKeyOf(asn1js: typeof Asn1js, info: Pkijs.PublicKeyInfo): PublicKey | null {
  const bits = info.subjectPublicKey.valueBlock.valueHexView;
  switch (algorithms[info.algorithm.algorithmId]) {
    case 'RSA': {
      const [modulus, exponent] = children(asn1js, asn1js.fromBER(bits).result);
      if (!(modulus instanceof asn1js.Integer) || !(exponent instanceof asn1js.Integer))
        throw new TypeError('RSA key');
      return {
        kind: 'RSA',
        modulus: modulus.valueBlock.valueHexView,
        exponent: exponent.valueBlock.valueHexView,
      };
    }
    case 'EC':
      return { kind: 'EC', point: bits };
    default:
      return null;
  }
}
