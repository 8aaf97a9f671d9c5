/** Changes to what a card holds of certificates, as they are asked for and as they are planned; the families' drafts are beside this. */
import type { CardFamily, KeySpec } from '../card/card.js';
import type { CacheCounters } from '../card/minidriver/cardcf.js';
import type { CertificateInfo } from '../certificate/x509.js';

/** Where an added certificate goes: to the trusted roots, or to the key that it belongs to. */
export type AdditionTarget =
  | { readonly kind: 'Root' }
  | {
      readonly kind: 'Key';
      /** The container's name, or the number of its slot as cards of the family count them; null: the one whose key it is. */
      readonly container: string | null;
      /** Null: the one that the container has. */
      readonly keySpec: KeySpec | null;
      /** Also where the container's key is another one, or is not told. Only for a container that is named. */
      readonly force: boolean;
    };

export type CardChangeRequest =
  | {
      readonly kind: 'Add';
      readonly certificate: Uint8Array;
      readonly info: CertificateInfo;
      readonly target: AdditionTarget;
    }
  | { readonly kind: 'Remove'; readonly thumbprint: string };

export type Addition = Extract<CardChangeRequest, { kind: 'Add' }>;
export type KeyTarget = Extract<AdditionTarget, { kind: 'Key' }>;

/** What opens a card for writing. Whoever made the bytes wipes them. */
export interface Credential {
  readonly kind: 'Pin' | 'ManagementKey';
  readonly bytes: Uint8Array;
}

/** Where on the card a certificate lies or will lie. Names are outside text. */
export interface CardPlace {
  readonly fileName: string;
  readonly container: string | null;
  readonly keySpec: KeySpec | null;
  readonly slot: string | null;
  readonly isRoot: boolean;
}

/** A change that is ready to be made. */
export interface CardDraft {
  readonly cardFamily: CardFamily;
  readonly action: 'Added' | 'Replaced' | 'Removed' | 'Unchanged';
  readonly place: CardPlace;
  /** The certificate that the change is about. */
  readonly certificate: Uint8Array;
  /** The certificate (DER) that is no longer on the card then. */
  readonly lost: Uint8Array | null;
  /** Null for families without cache counters. */
  readonly counters: { readonly before: CacheCounters; readonly after: CacheCounters } | null;
  /** Names of certificate files on the card afterwards, for Windows' cache; none where it has no part in this. */
  readonly certificateFiles: readonly string[];
  /** Null where nothing has to be written. */
  readonly write: CardWrite | null;
}

export interface CardWrite {
  readonly credential: Credential['kind'];
  /**
   * Writes, and reads back what was written.
   * @returns the card's id afterwards
   */
  readonly carryOut: (secret: Uint8Array) => Promise<string>;
}
