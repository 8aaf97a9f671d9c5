import { X509Certificate } from 'node:crypto';
import type { CertificateInfo } from './x509.js';

/** What a certificate is by its own statement, and for a root, by its own signature. Trust is no part of it. */
export type Authority = 'None' | 'Root' | 'Intermediate' | 'FalseRoot';

/**
 * `None`: no certification authority, as are all certificates without basic constraints, X.509 v1 roots among them.
 * `Root`: an authority that issued itself and whose signature its own key verifies. `FalseRoot`: one whose signature does not verify,
 * or whose key or signature algorithm OpenSSL does not know; so is a root's new key that its old one signed (RFC 4210 section 4.4).
 * `Intermediate`: an authority that another issued.
 *
 * Node's OpenSSL verifies signatures with MD5 and SHA-1 too, as many roots still have; not those with MD2 or MD4.
 * @param info of `certificate`
 * @param certificate DER
 */
export function authorityOf(info: CertificateInfo, certificate: Uint8Array): Authority {
  if (!info.isCa) return 'None';
  if (!info.isSelfIssued) return 'Intermediate';
  return signsItself(certificate) ? 'Root' : 'FalseRoot';
}

function signsItself(der: Uint8Array): boolean {
  try {
    const certificate = new X509Certificate(der);
    return certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
}
