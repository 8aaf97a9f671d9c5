/**
 * What an inventory shows of a certificate, and no more: its names, number, times and UPN are looked for in the bytes. Stores hold many
 * certificates; `readCertificate`, which reads and checks all of it, takes many times as long.
 */
import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { derAt, derContent, derHex, derLatin1, derParts, oidText, type DerValue } from './der.js';
import { formatName, type NameAttribute } from './distinguished-name.js';
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
  try {
    return outlineOf(certificate);
  } catch {
    return readCertificate(certificate);
  }
}

/** Identifier octets (X.690 section 8.1.2); [0] and [3] are those of TBSCertificate, [0] is an otherName too. */
const tags = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  first: 0xa0,
  fourth: 0xa3,
} as const;

/** Object identifiers as they are encoded: 2.5.29.17 (RFC 5280 section 4.2.1.6) and 1.3.6.1.4.1.311.20.2.3 ([MS-WCCE] 2.2.2.7.5). */
const objects = { subjectAltName: '551D11', userPrincipalName: '2B060104018237140203' } as const;

/** Certificate and TBSCertificate (RFC 5280 section 4.1). @throws Error for what isn't plain, as do all below */
function outlineOf({ buffer, byteOffset, length }: Uint8Array): CertificateOutline {
  if (length > maxCertificateBytes) throw new RangeError('too large');
  const der = Buffer.from(buffer, byteOffset, length);
  const certificate = derAt(der, 0, length);
  if (certificate.end !== der.length) throw new RangeError('bytes after the certificate');
  const [body] = derParts(certificate);
  const all = derParts(expect(body, tags.sequence));
  const fields = all[0]?.tag === tags.first ? all.slice(1) : all;
  const [serialNumber, , issuer, validity, subject] = fields;
  const [notBefore, notAfter] = derParts(expect(validity, tags.sequence));
  return {
    subject: nameText(expect(subject, tags.sequence)),
    issuer: issuerText(expect(issuer, tags.sequence)),
    serialNumber: derHex(expect(serialNumber, tags.integer)),
    notBefore: time(notBefore),
    notAfter: time(notAfter),
    upn: upnIn(fields.find(({ tag }) => tag === tags.fourth)),
  };
}

function expect(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new TypeError('another value expected');
  return value;
}

/** The certificates of a company have few issuers: a name like the last one's needs no reading. */
let lastIssuer: { readonly content: Buffer; readonly text: string } | null = null;

function issuerText(name: DerValue): string {
  const content = derContent(name);
  if (lastIssuer === null || Buffer.compare(lastIssuer.content, content) !== 0)
    lastIssuer = { text: nameText(name), content: Buffer.from(content) };
  return lastIssuer.text;
}

function nameText(name: DerValue): string {
  return formatName(derParts(name).map((part) => derParts(part).map(attribute)));
}

function attribute(node: DerValue): NameAttribute {
  const [type, value] = derParts(node);
  return { type: oidText(expect(type, tags.objectIdentifier)), text: stringText(value) };
}

/** Of the string types those in use that mean the same to everybody. */
function stringText(value: DerValue | undefined): string {
  if (value === undefined) throw new TypeError('string expected');
  const { tag } = value;
  if (tag !== tags.utf8String && tag !== tags.printableString && tag !== tags.ia5String)
    throw new TypeError('string expected');
  const content = derContent(value);
  if (!(tag === tags.utf8String ? isUtf8(content) : isAscii(content))) throw new TypeError('string expected');
  return content.toString('utf8');
}

/** YYMMDDHHMMSSZ, or YYYYMMDDHHMMSSZ, as RFC 5280 section 4.1.2.5 has it. */
function time(value: DerValue | undefined): number {
  const isShort = value?.tag === tags.utcTime;
  const digits = derLatin1(isShort ? value : expect(value, tags.generalizedTime));
  if (!(isShort ? /^\d{12}Z$/u : /^\d{14}Z$/u).test(digits)) throw new RangeError('time');
  const full = isShort ? `${digits < '5' ? '20' : '19'}${digits}` : digits;
  const part = (start: number): string => full.slice(start, start + 2);
  const milliseconds = Date.parse(
    `${full.slice(0, 4)}-${part(4)}-${part(6)}T${part(8)}:${part(10)}:${part(12)}Z`,
  );
  if (Number.isNaN(milliseconds)) throw new RangeError('invalid time');
  return milliseconds;
}

/** An extension that is there more than once counts as absent, as in `readExtensions`. */
function upnIn(extensions: DerValue | undefined): string | null {
  if (extensions === undefined) return null;
  const [list] = derParts(extensions);
  const [names, second] = derParts(expect(list, tags.sequence))
    .map((extension) => derParts(extension))
    .filter(([id]) => derHex(expect(id, tags.objectIdentifier)) === objects.subjectAltName);
  if (names === undefined || second !== undefined) return null;
  const { bytes, content, end } = expect(names.at(-1), tags.octetString);
  return firstUpn(expect(derAt(bytes, content, end), tags.sequence), end);
}

/** rfc822Name, dNSName, uniformResourceIdentifier, iPAddress and registeredID; the other names are left to `readCertificate`. */
const plainNames: ReadonlySet<number> = new Set([0x81, 0x82, 0x86, 0x87, 0x88]);

/** GeneralNames (RFC 5280 section 4.2.1.6). */
function firstUpn(names: DerValue, end: number): string | null {
  if (names.end !== end) throw new RangeError('bytes after the names');
  const others = derParts(names).filter(({ tag }) => !plainNames.has(tag));
  return others.map(principalName).find((upn) => upn !== null) ?? null;
}

/** OtherName ::= [0] { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }; null for one of another type. */
function principalName(name: DerValue): string | null {
  const [type, wrapped] = derParts(expect(name, tags.first));
  if (derHex(expect(type, tags.objectIdentifier)) !== objects.userPrincipalName) return null;
  const [value] = derParts(expect(wrapped, tags.first));
  return stringText(value);
}
