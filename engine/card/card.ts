/** What a card family's reader gives, whatever the family. */

/** AT_KEYEXCHANGE and AT_SIGNATURE of wincrypt.h; a card file `kxcNN` belongs to the first, `kscNN` to the second. */
export type KeySpec = 'KeyExchange' | 'Signature';

/** A key of the card, as the card's own directory describes it. */
export interface CardContainer {
  /** The position in cmapfile, from 0. */
  readonly index: number;
  /** The container's name as Windows' providers know it (wszGuid); outside text. */
  readonly name: string;
  readonly isDefault: boolean;
}

export interface CardCertificateFile {
  /** The file's name on the card: `kxc00`, `msroots`. */
  readonly fileName: string;
  /** DER. */
  readonly certificate: Uint8Array;
  /** The key's container, null for a root or where the directory names none. */
  readonly container: CardContainer | null;
  /** Null for a root. */
  readonly keySpec: KeySpec | null;
  readonly isRoot: boolean;
}

/** A certificate file that is there but can't be used; the others are read all the same. */
export interface UnreadableFile {
  readonly fileName: string;
  readonly error: import('../errors.js').CertPropError;
}

export type CardFamily = 'GIDS';
