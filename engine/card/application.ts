/** The one interface to a card's applications, whatever their family. One application is selected at a time: open, read, go on. */
import type { SmartCardConnection } from '../pcsc/reader.js';
import type { CardCertificateFile, CardFamily, UnreadableFile } from './card.js';
import type { CacheCounters } from './minidriver/cardcf.js';

/** A public key as the card gives it: unsigned big-endian integers, the point as X9.62 has it. */
export type CardPublicKey =
  | { readonly kind: 'RSA'; readonly modulus: Uint8Array; readonly exponent: Uint8Array }
  | { readonly kind: 'EC'; readonly point: Uint8Array };

export interface CardApplication {
  readonly family: CardFamily;
  /** Upper-case hex or another text without spaces; the same each time this card is read, different on any other card. */
  readonly cardId: string;
  /** The card's own name, null where it has none; outside text. */
  readonly label: string | null;
  /** The card's serial number as its maker prints it, null where the card does not say; outside text. */
  readonly serialNumber: string | null;

  /**
   * The certificates of the card's keys, one after the other as they are read; one that can't be used comes with its error.
   * `allSlots`: also looks where the card's own directory promises nothing.
   * @throws all that `transmit` throws
   */
  certificates(options: { readonly allSlots: boolean }): AsyncGenerator<CardCertificateFile | UnreadableFile>;

  /** The trusted roots that the card carries for others; nothing for families that know none. */
  roots(): AsyncGenerator<CardCertificateFile | UnreadableFile>;

  /**
   * The public key behind a certificate, read without a PIN; null where the card does not give it.
   * @throws all that `transmit` throws
   */
  publicKey(file: CardCertificateFile): Promise<CardPublicKey | null>;

  /** The card's cache counters; families without such counters have no such method. */
  counters?(): Promise<CacheCounters>;
}

/** Selects a family's application; null when the card has none. @throws all that `transmit` throws */
export type OpenApplication = (card: SmartCardConnection) => Promise<CardApplication | null>;
