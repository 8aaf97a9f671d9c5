/**
 * Backups of removed certificates. One run of removals is one folder with two files: `certificates.sst`, a serialized store that holds
 * each element exactly as it was stored, and `index.jsonl`, a line for each of them that says where it lay. Each certificate is in both,
 * and on disk, before it is removed; so is a certificate whose removal then failed.
 */
import type { FileRights } from '../profiles/guarded-store.js';
import type { StoreLocation } from '../store/place.js';

export const elementsName = 'certificates.sst';
export const indexName = 'index.jsonl';

/**
 * Where a store lay. Nothing here leads anywhere: whoever restores says where, and this tells whether that is the place.
 * `root`: SHA-256 of the folder's full path, in hex.
 */
export type BackupPlace =
  | {
      readonly kind: 'Profile';
      readonly root: string;
      readonly sid: string | null;
      readonly userName: string;
    }
  | { readonly kind: 'Folder'; readonly root: string }
  /** A signed-in user's part of the registry. */
  | { readonly kind: 'Hive'; readonly sid: string; readonly userName: string }
  | { readonly kind: 'System' | 'DotNet'; readonly location: StoreLocation };

/** A file of a store's folder `Keys`: a key's link to its container. */
export interface KeptKey {
  /** 40 hex digits. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly rights: FileRights | null;
}

export interface KeptCertificate {
  readonly place: BackupPlace;
  readonly storeName: string;
  /** SHA-1 of the certificate, in upper-case hex; as the name of its file it may have lower case too. */
  readonly thumbprint: string;
  readonly fileName: string;
  /** Null where files have no rights to be kept: it is created as a new one. */
  readonly rights: FileRights | null;
  /** The links of the store's keys to the certificate's container. */
  readonly keys: readonly KeptKey[];
}

/** The backup of one run of removals. */
export interface Backup {
  /**
   * Resolves to the run's folder when the certificate is on disk.
   * @param element the serialized element, exactly as it is stored
   * @throws CertPropError BackupFailed, BackupNotTrusted; nothing more is kept after that
   */
  keep(certificate: KeptCertificate, element: Uint8Array): Promise<string>;
}

/** A run's folder as it is read. */
export interface StoredBackup {
  readonly path: string;
  readonly certificates: readonly StoredCertificateBackup[];
  /** How many lines of the index can't be read; a last one that is cut off belongs to a certificate that was not removed. */
  readonly damagedLines: number;
}

export interface StoredCertificateBackup extends KeptCertificate {
  /**
   * The serialized element, whose certificate has the thumbprint.
   * @throws CertPropError BackupDamaged, BackupNotFound
   */
  readonly readElement: () => Promise<Uint8Array>;
}
