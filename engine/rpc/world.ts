import type { Backup, StoredBackup } from '../backup/backup.js';
import type { Machine } from '../machine/facts.js';
import type { SmartCardReaders } from '../pcsc/reader.js';
import type { Pkcs11Reading } from '../pkcs11/pkcs11.js';
import type { CardCache } from '../provider/card-cache.js';
import type { KeyProviders } from '../provider/provider.js';
import type { StorePlace } from '../store/place.js';
import type { Profile, SkippedProfile } from '../profiles/profile.js';
import type { CurrentUser } from '../policy/current-user.js';
import type { PolicySource } from '../policy/policy.js';
import type { CertificateStore, CorruptEntry, StoreEntry } from '../store/store.js';
import type { ProfileThread, Wanted } from './profile-looking.js';

/** The outside world, as the engine's entry file wires it. */
export interface World {
  readonly readers: SmartCardReaders;
  /** @throws CertPropError StorePathRequired, StoreNameInvalid, StoreUnavailable */
  readonly openStore: (place: StorePlace, storeName: string) => Promise<CertificateStore>;
  /**
   * The certificates of a folder's stores or of a store file.
   * @throws CertPropError StoreUnavailable, StoreAccessDenied, MalformedStoreElement
   */
  readonly entriesIn: (path: string) => AsyncIterable<StoreEntry | CorruptEntry>;
  /**
   * Reads a PKCS #11 module's tokens in a process of its own.
   * @throws CertPropError Pkcs11ModuleNotFound, Pkcs11ModuleNotTrusted
   */
  readonly readPkcs11: (modulePath: string, signal: AbortSignal) => Promise<Pkcs11Reading>;
  /** The organisation's module, null where none is set. @throws CertPropError Pkcs11ModuleNotTrusted */
  readonly defaultPkcs11Module: () => Promise<string | null>;
  /** What the system's own smart card providers know of the cards; null where it has none. */
  readonly keyProviders: KeyProviders | null;
  /** What the system keeps of the cards' contents; null where it keeps nothing. */
  readonly cardCache: CardCache | null;
  /** Users' profiles by the full paths of their roots, with wildcards. @throws CertPropError ProfilesUnavailable */
  readonly findProfiles: (patterns: readonly string[]) => AsyncIterable<Profile | SkippedProfile>;
  /** Those that Windows lists. @throws CertPropError ProfilesUnavailable */
  readonly allProfiles: () => AsyncIterable<Profile | SkippedProfile>;
  /** @throws CertPropError ProfilesUnavailable, StoreUnavailable */
  readonly openProfileStore: (profile: Profile, storeName: 'My' | 'Request') => Promise<CertificateStore>;
  readonly hives: Hives;
  /** Threads that look through other users' profiles; null where there are none. */
  readonly startProfileThreads: ((wanted: Wanted, signal: AbortSignal) => readonly ProfileThread[]) | null;
  /**
   * A backup of what is to be removed; it writes nothing before that.
   * @param folder that of all runs, a full path; null: the default
   * @throws CertPropError BackupNotTrusted, BackupFailed
   */
  readonly newBackup: (folder: string | null) => Promise<Backup>;
  /**
   * Keeps a certificate (DER) that a card is about to lose; resolves to its path when it is on disk.
   * @param folder a full path; null: the default folder of backups
   * @throws CertPropError BackupNotTrusted, BackupFailed
   */
  readonly keepCardCertificate: (folder: string | null, certificate: Uint8Array) => Promise<string>;
  /** @throws CertPropError CertificateFileUnreadable */
  readonly readCertificateFile: (path: string) => Promise<Uint8Array>;
  /** What the file holds, which the caller wipes. @throws CertPropError ManagementKeyNotTrusted, ManagementKeyInvalid */
  readonly readManagementKeyFile: (path: string) => Promise<Uint8Array>;
  /** @param path a run's folder @throws CertPropError BackupNotFound, BackupNotTrusted, BackupDamaged */
  readonly readBackup: (path: string) => Promise<StoredBackup>;
  /** Null on other systems than Windows. */
  readonly machine: Machine | null;
  /** A Remote Desktop file's bytes, null where there is none. @throws CertPropError RdpFileUnavailable */
  readonly readRdpFile: (path: string) => Promise<Uint8Array | null>;
  /** The file of the user's own Remote Desktop settings; null on other systems than Windows. */
  readonly defaultRdpFile: () => string | null;
  readonly currentUser: () => Promise<CurrentUser>;
  /** The machine's policies. */
  readonly policies: PolicySource;
  /** A Remote Desktop session: its cards are redirected ones. */
  readonly isRemoteSession: () => Promise<boolean>;
  /** With root's or an administrator's rights. */
  readonly isElevated: () => Promise<boolean>;
  readonly version: string;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: () => number;
}

/** Users' parts of Windows' registry, by their SIDs (`S-1-…`). */
export interface Hives {
  /** Windows loads it while the user is signed in. */
  readonly isLoaded: (sid: string) => Promise<boolean>;
  readonly openStore: (sid: string, storeName: 'My' | 'Request') => Promise<CertificateStore>;
}
