/**
 * The certificate stores in a profile folder, which belongs to its user: someone who may plant links, exchange folders and files at any
 * moment, and wait for a program with more rights. No link below the profile root is followed, and what was checked is what is acted on.
 */
import type { CertificateStore, CorruptEntry } from '../store/store.js';

/** Owner and access rights of a file. */
export type FileRights =
  | {
      readonly kind: 'Posix';
      readonly uid: number;
      readonly gid: number;
      /** Permission bits, 0 to 0o7777. */
      readonly mode: number;
    }
  | {
      readonly kind: 'Windows';
      /** Owner, group and access list: a security descriptor in self-relative form ([MS-DTYP] 2.4.6). */
      readonly descriptor: Uint8Array;
    };

/** A file exactly as it is stored. */
export interface ExactFile {
  /** 40 hex digits; upper case, but for a file that someone else than Windows named. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Null where the store has none of its own for each entry. */
  readonly rights: FileRights | null;
}

/**
 * The files of one folder that are named by 40 hex digits. A file is only read, removed or created when it is a regular one with a
 * single name (no hard link) and at most `maxElementBytes`. A folder that does not exist is empty.
 *
 * Every method throws CertPropError StoreAccessDenied, StoreUnavailable, LinkInProfile (a link, or no folder, on the way to the files) or
 * ProfilesUnavailable (this system has no guarded access).
 */
export interface ExactFiles {
  /** In no particular order; with constant memory, however many they are. What may not be read, or vanishes meanwhile, is a CorruptEntry. */
  files(): AsyncIterable<ExactFile | CorruptEntry>;

  /**
   * Null when there is none.
   * @param name 40 hex digits in any case: a certificate's thumbprint
   * @throws CertPropError MalformedStoreElement for a file that may not be read
   */
  readExact(name: string): Promise<ExactFile | null>;

  /**
   * Removes the file if its bytes are still these; what may not be read counts as changed.
   * @throws CertPropError StoreLocked
   */
  removeExact(name: string, bytes: Uint8Array): Promise<'Removed' | 'Gone' | 'Changed'>;

  /**
   * Creates the file, all at once, with these bytes and rights; leaves alone whatever has that name. Missing folders are made, for the
   * owner of the folder that they are in.
   * @param rights null: as a new file of the folder's owner
   * @throws CertPropError StoreLocked; MalformedStoreElement for more than `maxElementBytes`
   */
  createExact(name: string, bytes: Uint8Array, rights: FileRights | null): Promise<'Created' | 'Exists'>;
}

/**
 * A store below a profile. `add` only creates: where it would have to replace an entry it throws CertificateExists. `ExactFiles` are those
 * of the store's folder `Certificates`. Methods throw what those of ExactFiles throw.
 */
export interface GuardedStore extends CertificateStore, ExactFiles {
  /** Links from keys to their containers, named by the key's identifier: the store's folder `Keys`. */
  readonly keys: ExactFiles;
}
