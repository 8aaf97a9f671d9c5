/** Certificates as a company's authority issues them for smart cards. */
import { randomBytes, webcrypto } from 'node:crypto';
import type * as Asn1 from 'asn1js';
import type * as Pki from 'pkijs';

export type SampleKey = 'RSA-2048' | 'P-256';

export interface Issuer {
  readonly commonName: string;
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicKey: webcrypto.CryptoKey;
  /** DER. */
  readonly certificate: Uint8Array;
}

export interface IssuedCertificate {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKey: webcrypto.CryptoKey;
}

export interface UserCertificate {
  readonly commonName: string;
  /** The user principal name, in the subject alternative name. */
  readonly upn: string;
  readonly key: SampleKey;
  readonly purpose: 'Logon' | 'Authentication' | 'Signature';
}

const organization = 'Example Corporation';
const day = 24 * 60 * 60 * 1000;

const oid = {
  commonName: '2.5.4.3',
  organizationName: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  smartCardLogon: '1.3.6.1.4.1.311.20.2.2',
  userPrincipalName: '1.3.6.1.4.1.311.20.2.3',
} as const;

/** KeyUsage's first byte (RFC 5280, 4.2.1.3) and extended key usages. */
const purposes = {
  Logon: { keyUsage: 0xa0, extended: [oid.smartCardLogon, oid.clientAuth] },
  Authentication: { keyUsage: 0x80, extended: [oid.clientAuth] },
  Signature: { keyUsage: 0xc0, extended: [oid.emailProtection] },
} as const;
const certificateSigning = 0x06;

const algorithms = {
  'RSA-2048': {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  },
  'P-256': { name: 'ECDSA', namedCurve: 'P-256' },
} as const;

/** A self-signed root with an elliptic curve key. */
export async function makeIssuer(commonName: string): Promise<Issuer> {
  const { asn1, pki } = await libraries();
  const keys = await makeKeys('P-256');
  const extensions = [
    extension(pki, oid.basicConstraints, true, new pki.BasicConstraints({ cA: true }).toSchema()),
    extension(pki, oid.keyUsage, true, bits(asn1, certificateSigning)),
  ];
  const certificate = await sign(commonName, commonName, keys, keys, 3650, extensions);
  return { commonName, ...keys, certificate };
}

/** A user's certificate with a new key. */
export async function issue(issuer: Issuer, user: UserCertificate): Promise<IssuedCertificate> {
  const { asn1, pki } = await libraries();
  const keys = await makeKeys(user.key);
  const { keyUsage, extended } = purposes[user.purpose];
  const extensions = [
    extension(pki, oid.keyUsage, true, bits(asn1, keyUsage)),
    extension(pki, oid.extKeyUsage, false, new pki.ExtKeyUsage({ keyPurposes: [...extended] }).toSchema()),
    extension(pki, oid.subjectAltName, false, upnName(asn1, user.upn)),
  ];
  const certificate = await sign(user.commonName, issuer.commonName, keys, issuer, 365, extensions);
  return { ...keys, certificate };
}

interface Libraries {
  readonly asn1: typeof Asn1;
  readonly pki: typeof Pki;
}

interface Keys {
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKey: webcrypto.CryptoKey;
}

async function libraries(): Promise<Libraries> {
  const [asn1, pki] = await Promise.all([import('asn1js'), import('pkijs')]);
  return { asn1, pki };
}

async function makeKeys(kind: SampleKey): Promise<Keys> {
  return webcrypto.subtle.generateKey(algorithms[kind], true, ['sign', 'verify']);
}

async function sign(
  subject: string,
  issuer: string,
  { publicKey }: Pick<Keys, 'publicKey'>,
  signer: Keys,
  days: number,
  extensions: Pki.Extension[],
): Promise<Uint8Array> {
  const { asn1, pki } = await libraries();
  const certificate = new pki.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1.Integer({ valueHex: Uint8Array.of(0x5a, ...randomBytes(15)) });
  certificate.subject = nameOf(asn1, pki, subject);
  certificate.issuer = nameOf(asn1, pki, issuer);
  certificate.notBefore.value = wholeSeconds(Date.now() - day);
  certificate.notAfter.value = wholeSeconds(Date.now() + days * day);
  await certificate.subjectPublicKeyInfo.importKey(publicKey);
  certificate.extensions = [
    ...extensions,
    extension(
      pki,
      oid.subjectKeyIdentifier,
      false,
      new asn1.OctetString({ valueHex: await keyIdentifier(publicKey) }),
    ),
    extension(
      pki,
      oid.authorityKeyIdentifier,
      false,
      new pki.AuthorityKeyIdentifier({
        keyIdentifier: new asn1.OctetString({ valueHex: await keyIdentifier(signer.publicKey) }),
      }).toSchema(),
    ),
  ];
  await certificate.sign(signer.privateKey, 'SHA-256');
  return new Uint8Array(certificate.toSchema(true).toBER());
}

/** One attribute per RDN; pkijs would put all into one, but keeps what it has read. */
function nameOf(asn1: typeof Asn1, pki: typeof Pki, commonName: string): Pki.RelativeDistinguishedNames {
  const attributes = [
    { type: oid.organizationName, value: new asn1.PrintableString({ value: organization }) },
    { type: oid.commonName, value: new asn1.Utf8String({ value: commonName }) },
  ];
  const rdns = attributes.map((attribute) => {
    const schema = new pki.AttributeTypeAndValue(attribute).toSchema();
    return new asn1.Set({ value: [schema] });
  });
  return pki.RelativeDistinguishedNames.fromBER(new asn1.Sequence({ value: rdns }).toBER());
}

/** GeneralNames with one otherName: Microsoft's UPN, a UTF8String, explicitly tagged (RFC 5280, 4.2.1.6). */
function upnName(asn1: typeof Asn1, upn: string): Asn1.Sequence {
  const idBlock = { tagClass: 3, tagNumber: 0 };
  const value = new asn1.Constructed({ idBlock, value: [new asn1.Utf8String({ value: upn })] });
  const otherName = [new asn1.ObjectIdentifier({ value: oid.userPrincipalName }), value];
  return new asn1.Sequence({ value: [new asn1.Constructed({ idBlock, value: otherName })] });
}

function extension(pki: typeof Pki, extnID: string, critical: boolean, value: Asn1.BaseBlock): Pki.Extension {
  return new pki.Extension({ extnID, critical, extnValue: value.toBER() });
}

/** A BIT STRING of one byte, without its trailing zero bits. */
function bits(asn1: typeof Asn1, byte: number): Asn1.BitString {
  const unusedBits = 31 - Math.clz32(byte & -byte);
  return new asn1.BitString({ valueHex: Uint8Array.of(byte), unusedBits });
}

/** The SHA-1 hash of the SubjectPublicKeyInfo. */
async function keyIdentifier(key: webcrypto.CryptoKey): Promise<ArrayBuffer> {
  return webcrypto.subtle.digest('SHA-1', await webcrypto.subtle.exportKey('spki', key));
}

/** UTCTime has no fractions. */
function wholeSeconds(time: number): Date {
  return new Date(Math.floor(time / 1000) * 1000);
}
