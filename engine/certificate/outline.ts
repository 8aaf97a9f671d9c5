/**
 * What an inventory shows of a certificate, and no more: its names, number, times and UPN are looked for in the bytes, and only these
 * are decoded. Stores hold many certificates; `readCertificate`, which reads and checks all of it, takes ten times as long.
 */
import type * as Asn1js from 'asn1js';
import { hex } from '../text.js';
import { derAt, derBytes, derContent, derParts, oidText, type DerValue } from './der.js';
import { formatName, type NameAttribute } from './distinguished-name.js';
import { alternativeNames } from './extensions.js';
import { maxCertificateBytes, readCertificate, type CertificateInfo } from './x509.js';

export type CertificateOutline = Pick<
  CertificateInfo,
  'subject' | 'issuer' | 'serialNumber' | 'notBefore' | 'notAfter' | 'upn'
>;

/**
 * What `readCertificate` reads too. Whatever isn't plain is left to that.
 * @throws CertPropError MalformedCertificate
 */
export async function readOutline(certificate: Uint8Array): Promise<CertificateOutline> {
  const asn1js = await loadAsn1();
  try {
    return outlineOf(asn1js, certificate);
  } catch {
    return readCertificate(certificate);
  }
}

let loading: Promise<typeof Asn1js> | undefined;

function loadAsn1(): Promise<typeof Asn1js> {
  loading ??= import('asn1js');
  return loading;
}

const tags = {
  integer: 0x02,
  sequence: 0x30,
  version: 0xa0,
  extensions: 0xa3,
  utcTime: 0x17,
  time: 0x18,
} as const;

/** Certificate and TBSCertificate (RFC 5280 section 4.1). @throws Error */
function outlineOf(asn1js: typeof Asn1js, der: Uint8Array): CertificateOutline {
  if (der.length > maxCertificateBytes) throw new RangeError('too large');
  const certificate = derAt(der, 0, der.length);
  if (certificate.end !== der.length) throw new RangeError('bytes after the certificate');
  const [body] = derParts(certificate);
  const all = derParts(expect(body, tags.sequence));
  const fields = all[0]?.tag === tags.version ? all.slice(1) : all;
  const [serialNumber, , issuer, validity, subject] = fields;
  const [notBefore, notAfter] = derParts(expect(validity, tags.sequence));
  return {
    subject: nameText(asn1js, expect(subject, tags.sequence)),
    issuer: nameText(asn1js, expect(issuer, tags.sequence)),
    serialNumber: hex(derContent(expect(serialNumber, tags.integer))),
    notBefore: time(notBefore),
    notAfter: time(notAfter),
    upn: principalName(
      asn1js,
      fields.find(({ tag }) => tag === tags.extensions),
    ),
  };
}

function expect(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new TypeError('another value expected');
  return value;
}

function nameText(asn1js: typeof Asn1js, name: DerValue): string {
  return formatName(derParts(name).map((part) => derParts(part).map(attribute)));

  function attribute(node: DerValue): NameAttribute {
    const [type, value] = derParts(node);
    if (type === undefined || value === undefined) throw new TypeError('name attribute');
    return { type: oidText(type), value: decoded(asn1js, value) };
  }
}

function decoded(asn1js: typeof Asn1js, value: DerValue): Asn1js.AsnType {
  const { offset, result } = asn1js.fromBER(derBytes(value));
  if (offset !== value.end - value.start) throw new RangeError('not one whole value');
  return result;
}

/** YYMMDDHHMMSSZ, or YYYYMMDDHHMMSSZ, as RFC 5280 section 4.1.2.5 has it. */
function time(value: DerValue | undefined): number {
  if (value?.tag !== tags.utcTime && value?.tag !== tags.time) throw new TypeError('time expected');
  const text = Buffer.from(derContent(value)).toString('latin1');
  const short = value.tag === tags.utcTime;
  if (!(short ? /^\d{12}Z$/u : /^\d{14}Z$/u).test(text)) throw new RangeError('time');
  const century = short ? (text < '5' ? '20' : '19') : '';
  const iso = (century + text).replace(/^(....)(..)(..)(..)(..)(..)Z$/u, '$1-$2-$3T$4:$5:$6Z');
  const milliseconds = Date.parse(iso);
  if (Number.isNaN(milliseconds)) throw new RangeError('invalid time');
  return milliseconds;
}

const subjectAltName = '2.5.29.17';

/** An extension that is there more than once counts as absent, as in `readExtensions`. */
function principalName(asn1js: typeof Asn1js, extensions: DerValue | undefined): string | null {
  if (extensions === undefined) return null;
  const [list] = derParts(extensions);
  const named = derParts(expect(list, tags.sequence))
    .map((extension) => derParts(extension))
    .filter(([id]) => id !== undefined && oidText(id) === subjectAltName);
  const value = named.length === 1 ? named[0]?.at(-1) : undefined;
  return value === undefined ? null : (alternativeNames(asn1js, derContent(value))?.upn ?? null);
}
