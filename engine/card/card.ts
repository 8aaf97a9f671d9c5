/** What a card family's reader gives, whatever the family. */
import type { CertPropError } from '../errors.js';

/** Not read by APDUs of our own: `PKCS11`, through a vendor's module; `Minidriver`, through Windows' providers. */
export type CardFamily = 'PIV' | 'GIDS' | 'PKCS15' | 'OpenPGP' | 'PKCS11' | 'Minidriver';

/** AT_KEYEXCHANGE and AT_SIGNATURE of wincrypt.h; a card file `kxcNN` belongs to the first, `kscNN` to the second. */
export type KeySpec = 'KeyExchange' | 'Signature';

/** A key of the card that its directory gives a name for Windows. */
export interface CardContainer {
  /** The position in cmapfile, from 0. */
  readonly index: number;
  /** The container's name as Windows' providers know it (wszGuid); outside text. */
  readonly name: string;
  readonly isDefault: boolean;
}

export interface CardCertificateFile {
  /** The file's or object's name on the card: `kxc00`, `msroots`, `5FC105`; outside text. */
  readonly fileName: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** Which key it belongs to, as the family counts them: `0`, `9A`, a PKCS#15 id in hex; null for a root or without a key. */
  readonly slot: string | null;
  /** The key's container; null for a root, and where the card names none. */
  readonly container: CardContainer | null;
  /** Null for a root. */
  readonly keySpec: KeySpec | null;
  /**
   * Whether the card has the certificate's private key: `Named` by a container, `Unnamed` where the family's cards name no container
   * that Windows would know, `None` where the card's directory knows of no key.
   */
  readonly key: 'Named' | 'Unnamed' | 'None';
  /** The card's own label for it, null without one; outside text. */
  readonly label: string | null;
  readonly isRoot: boolean;
}

/** A certificate file that is there but can't be used; the others are read all the same. */
export interface UnreadableFile {
  readonly fileName: string;
  readonly error: CertPropError;
}
