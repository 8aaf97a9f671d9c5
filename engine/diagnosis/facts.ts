/** What was seen of cards, stores and the system, gathered once: all that the checks decide by. Text is outside text. */
import type { CacheCounters } from '../card/minidriver/cardcf.js';
import type { Scope } from '../certificate/computer.js';
import type { CertPropError } from '../errors.js';
import type { PersistedCache, ServiceFacts } from '../machine/facts.js';
import type { ReaderInfo } from '../pcsc/reader.js';
import type { PolicyValues } from '../policy/policy.js';
import type { CertificateOnCard } from '../propagation/certificate-on-card.js';
import type { StoredCertificate } from '../propagation/stored-certificate.js';
import type { RdpFile } from './rdp-file.js';

/** `NotHere`: there is no such thing on this system, or nobody asked for it; `why` is a sentence. */
export type Seen<T> =
  | { readonly kind: 'Seen'; readonly value: T }
  | { readonly kind: 'NotHere'; readonly why: string }
  | { readonly kind: 'Unreadable'; readonly error: CertPropError };

export interface Facts {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
  readonly readers: Seen<readonly MeantReader[]>;
  readonly cards: CardFacts;
  /** The Personal store, or the one that was named. */
  readonly store: Seen<StoreFacts>;
  /** The certificates of authorities that the stores hold. */
  readonly authorities: Seen<readonly StoredAuthority[]>;
  /** Thumbprints of the authorities whose certificates are trusted for sign-in (NTAuth). */
  readonly ntAuth: Seen<ReadonlySet<string>>;
  readonly policies: Seen<PolicyValues>;
  /** CertPropSvc. */
  readonly service: Seen<ServiceFacts>;
  /** What the resource manager keeps on disk of cards while it is stopped. */
  readonly persistedCache: Seen<PersistedCache>;
  /** Whether Windows' providers were asked about the cards. */
  readonly providers: Seen<true>;
  readonly isRemoteSession: boolean;
  readonly redirection: Seen<Redirection>;
}

export interface MeantReader {
  readonly reader: ReaderInfo;
  /** A person named this very reader: it should have a card. */
  readonly named: boolean;
}

export interface CardFacts {
  /** As the cards and Windows' providers give them, roots too. */
  readonly certificates: readonly CertificateOnCard[];
  readonly counters: readonly CardCounters[];
  /** What went wrong; each names its reader if it is about one. */
  readonly problems: readonly CertPropError[];
}

export interface CardCounters {
  readonly readerName: string;
  readonly cardId: string;
  readonly counters: CacheCounters | CertPropError;
}

export interface StoreFacts {
  readonly name: string;
  /** False: the store keeps neither key links nor marks. */
  readonly keepsProperties: boolean;
  /** Whose it is; null where nobody says. */
  readonly userName: string | null;
  /** Whose certificates propagation puts into it. */
  readonly scope: Scope;
  readonly certificates: readonly StoredCertificate[];
  /** Entries that can't be read, by their names. */
  readonly corrupt: readonly CorruptEntry[];
}

export interface CorruptEntry {
  readonly name: string;
  readonly problem: string;
}

export interface StoredAuthority {
  readonly store: 'Root' | 'SmartCardRoot' | 'CA';
  /** DER. */
  readonly certificate: Uint8Array;
}

export interface Redirection {
  /** What the settings were read from. */
  readonly path: string;
  /** Given by a person, rather than mstsc's own Default.rdp. */
  readonly given: boolean;
  readonly file: RdpFile;
}

export function seen<T>(value: T): Seen<T> {
  return { kind: 'Seen', value };
}

export function notHere(why: string): { readonly kind: 'NotHere'; readonly why: string } {
  return { kind: 'NotHere', why };
}
