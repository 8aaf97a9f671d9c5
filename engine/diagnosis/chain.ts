/** A certificate's chain, as far as certificates at hand carry it. */
import { X509Certificate } from 'node:crypto';

/** A certificate of an authority and where it was seen. */
export interface Authority {
  readonly place: 'Card' | 'Root' | 'SmartCardRoot' | 'CA';
  readonly certificate: X509Certificate;
}

export interface Chain {
  /** The issuer, its issuer, and so on. */
  readonly authorities: readonly Authority[];
  /** The last one issued itself. */
  readonly isWhole: boolean;
}

/** Chains in use have two to four authorities. */
const longestChain = 16;
/** Of certificates with one name, those that count: where a root is trusted comes first. */
const places: readonly Authority['place'][] = ['Root', 'SmartCardRoot', 'Card', 'CA'];

/** @param der what OpenSSL can't read counts for nothing */
export function authorityOf(place: Authority['place'], der: Uint8Array): Authority | null {
  const certificate = readOrNull(der);
  return certificate === null ? null : { place, certificate };
}

/** Names, key identifiers and signatures have to fit; times are not looked at. Null for a certificate that OpenSSL can't read. */
export function chainOf(der: Uint8Array, known: readonly Authority[]): Chain | null {
  const certificate = readOrNull(der);
  if (certificate === null) return null;
  const candidates = [...known].sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place));
  const authorities: Authority[] = [];
  let last = certificate;
  while (!isSelfSigned(last) && authorities.length < longestChain) {
    const subject = last;
    const issuer = candidates.find((candidate) => issued(candidate.certificate, subject));
    if (issuer === undefined) return { authorities, isWhole: false };
    authorities.push(issuer);
    last = issuer.certificate;
  }
  return { authorities, isWhole: isSelfSigned(last) };
}

/** SHA-1, upper-case hex. */
export function thumbprint(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(':', '');
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return issued(certificate, certificate);
}

function issued(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function readOrNull(der: Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(der);
  } catch {
    return null;
  }
}
