/** The extensions of a certificate that CertProp decides by. Text is as in the certificate: outside text. */
import type * as Asn1js from 'asn1js';
import type { Extension } from 'pkijs';
import { children, textOf } from './asn1.js';

/** In the order of its bits (RFC 5280 section 4.2.1.3). */
const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsages)[number];

export interface CertificateExtensions {
  /** Basic constraints with cA (RFC 5280 section 4.2.1.9). */
  readonly isCa: boolean;
  /** Null without the extension. */
  readonly keyUsages: readonly KeyUsage[] | null;
  /** Object identifiers (RFC 5280 section 4.2.1.12); null without the extension. */
  readonly extendedKeyUsages: readonly string[] | null;
  /** The subject alternative name's (RFC 5280 section 4.2.1.6), as are the next two. */
  readonly dnsNames: readonly string[];
  readonly emailAddresses: readonly string[];
  /** The first user principal name ([MS-WCCE] szOID_NT_PRINCIPAL_NAME). */
  readonly upn: string | null;
  /** The name of the template by which it was issued ([MS-WCCE] 2.2.2.7.7.1, szOID_ENROLL_CERTTYPE); null where there is none. */
  readonly templateName: string | null;
  /** The object identifier of that template ([MS-WCCE] 2.2.2.7.7.2, szOID_CERTIFICATE_TEMPLATE); null where there is none. */
  readonly templateId: string | null;
}

export const oid = {
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extKeyUsage: '2.5.29.37',
  templateName: '1.3.6.1.4.1.311.20.2',
  templateId: '1.3.6.1.4.1.311.21.7',
  userPrincipalName: '1.3.6.1.4.1.311.20.2.3',
} as const;

type Asn1 = typeof Asn1js;

/** An extension that is damaged, or there more than once (RFC 5280 section 4.2 forbids it), counts as absent. */
export function readExtensions(asn1js: Asn1, extensions: readonly Extension[]): CertificateExtensions {
  const read = <T>(id: string, reader: (asn1js: Asn1, value: Asn1js.AsnType) => T): T | null => {
    const [extension, second] = extensions.filter(({ extnID }) => extnID === id);
    if (extension === undefined || second !== undefined) return null;
    try {
      return reader(asn1js, decode(asn1js, extension.extnValue.valueBlock.valueHexView));
    } catch {
      return null;
    }
  };
  return {
    isCa: read(oid.basicConstraints, basicConstraints) ?? false,
    keyUsages: read(oid.keyUsage, keyUsage),
    extendedKeyUsages: read(oid.extKeyUsage, extKeyUsage),
    ...(read(oid.subjectAltName, subjectAltName) ?? { dnsNames: [], emailAddresses: [], upn: null }),
    templateName: read(oid.templateName, templateName),
    templateId: read(oid.templateId, templateId),
  };
}

function decode(asn1js: Asn1, der: Uint8Array): Asn1js.AsnType {
  const { offset, result } = asn1js.fromBER(der);
  if (offset !== der.length) throw new RangeError('not one whole value');
  return result;
}

/** BasicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }. */
function basicConstraints(asn1js: Asn1, value: Asn1js.AsnType): boolean {
  const [cA] = children(asn1js, value);
  return cA instanceof asn1js.Boolean && cA.getValue();
}

function keyUsage(asn1js: Asn1, value: Asn1js.AsnType): readonly KeyUsage[] {
  if (!(value instanceof asn1js.BitString)) throw new TypeError('bit string expected');
  const bytes = value.valueBlock.valueHexView;
  return keyUsages.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

function extKeyUsage(asn1js: Asn1, value: Asn1js.AsnType): readonly string[] {
  return children(asn1js, value).map((purpose) => identifier(asn1js, purpose));
}

/** BMPString in what Microsoft's authorities issue; other string types are read too. */
function templateName(_: Asn1, value: Asn1js.AsnType): string {
  return text(value);
}

/** CertificateTemplateOID ::= SEQUENCE { templateID OBJECT IDENTIFIER, major and minor version INTEGER OPTIONAL }. */
function templateId(asn1js: Asn1, value: Asn1js.AsnType): string {
  const [id] = children(asn1js, value);
  return identifier(asn1js, id);
}

type Names = Pick<CertificateExtensions, 'dnsNames' | 'emailAddresses' | 'upn'>;

/** GeneralName's tags: otherName [0], rfc822Name [1] and dNSName [2]. */
const nameTag = { other: 0, email: 1, dns: 2 } as const;

function subjectAltName(asn1js: Asn1, value: Asn1js.AsnType): Names {
  const names = children(asn1js, value);
  const tagged = (tag: number) => names.filter(({ idBlock }) => idBlock.tagNumber === tag);
  const upns = tagged(nameTag.other).map((name) => principalName(asn1js, name));
  return {
    dnsNames: tagged(nameTag.dns).map((name) => ia5Text(asn1js, name)),
    emailAddresses: tagged(nameTag.email).map((name) => ia5Text(asn1js, name)),
    upn: upns.find((upn) => upn !== null) ?? null,
  };
}

/** OtherName ::= [0] { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }; null for one of another type. */
function principalName(asn1js: Asn1, name: Asn1js.AsnType): string | null {
  const [type, wrapped] = children(asn1js, name);
  if (identifier(asn1js, type) !== oid.userPrincipalName) return null;
  if (wrapped === undefined) throw new TypeError('value expected');
  const [value] = children(asn1js, wrapped);
  return text(value);
}

/** An implicitly tagged IA5String. */
function ia5Text(asn1js: Asn1, name: Asn1js.AsnType): string {
  if (!(name instanceof asn1js.Primitive)) throw new TypeError('string expected');
  return Buffer.from(name.valueBlock.valueHexView).toString('latin1');
}

function text(value: Asn1js.AsnType | undefined): string {
  const content = value === undefined ? null : textOf(value);
  if (content === null) throw new TypeError('string expected');
  return content;
}

function identifier(asn1js: Asn1, value: Asn1js.AsnType | undefined): string {
  if (value instanceof asn1js.ObjectIdentifier) return value.getValue();
  throw new TypeError('object identifier expected');
}
