/** The three keys of an OpenPGP card and where things of theirs are (OpenPGP card specification 3.4.1, 4.4.1, 4.4.3.12 and 7.2.14). */
import type { KeySpec } from './card.js';
import type { KeyNumber } from './openpgp-application-data.js';

export interface KeySlot {
  /** The specification's name of the key. */
  readonly name: 'AUT' | 'DEC' | 'SIG';
  readonly number: KeyNumber;
  /** Which of the cardholder certificates (DO 7F21) is the key's. */
  readonly occurrence: number;
  /** The tag of its control reference template. */
  readonly controlReference: number;
  readonly keySpec: KeySpec;
}

/** In the order of their certificates. */
export const keySlots: readonly KeySlot[] = [
  { name: 'AUT', number: 3, occurrence: 0, controlReference: 0xa4, keySpec: 'KeyExchange' },
  { name: 'DEC', number: 2, occurrence: 1, controlReference: 0xb8, keySpec: 'KeyExchange' },
  { name: 'SIG', number: 1, occurrence: 2, controlReference: 0xb6, keySpec: 'Signature' },
];
