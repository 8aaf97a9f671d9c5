import type { CardCertificateFile, CardFamily } from '../card/card.js';
import type { KeyLink } from '../certificate/key-link.js';
import type { PublicKey } from '../certificate/public-key.js';
import type { CertificateInfo } from '../certificate/x509.js';

/** Which provider a key link names. `Auto`: the Base CSP for RSA keys, the key storage provider for all others. */
export type KeyProvider = 'Auto' | 'CSP' | 'KSP';

export interface CardIdentity {
  /** As PC/SC gives it: outside text. */
  readonly readerName: string;
  readonly cardId: string;
  readonly family: CardFamily;
}

export interface CertificateOnCard {
  readonly card: CardIdentity;
  readonly file: CardCertificateFile;
  readonly info: CertificateInfo;
  /** The container's key as the card gives it, null where it does not. */
  readonly key: PublicKey | null;
  /** Where Windows' providers have the key, the best first; null where none was asked or could answer: the card's own name counts then. */
  readonly links: readonly KeyLink[] | null;
}
