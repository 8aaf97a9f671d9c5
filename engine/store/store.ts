/** The one interface to certificate stores. */

/**
 * How `add` treats a certificate that is already there (wincrypt.h, CERT_STORE_ADD_*). Certificates match by SHA-1 thumbprint.
 * `New` fails with CertificateExists; `UseExisting` keeps the stored one and adds the properties that it lacks;
 * `ReplaceExisting` drops the stored properties; `Always` does too, and writes in any case, over a corrupt entry as well;
 * `ReplaceExistingInheritProperties` keeps the stored properties that the new one does not have; `Newer` and
 * `NewerInheritProperties` replace only a certificate with an earlier NotBefore and fail with CertificateExists otherwise: as
 * certificates match by thumbprint, the stored one is the same, and they always do.
 */
export type AddDisposition =
  | 'New'
  | 'UseExisting'
  | 'ReplaceExisting'
  | 'Always'
  | 'ReplaceExistingInheritProperties'
  | 'Newer'
  | 'NewerInheritProperties';

/** Property id (wincrypt.h, CERT_*_PROP_ID) to its serialized value. The certificate itself (id 32) is not among them. */
export type Properties = ReadonlyMap<number, Uint8Array>;

/** What is to be stored beside a certificate, asked under the lock with the entry as it is now; null leaves it alone. */
export type DecideProperties = (existing: StoreEntry | null) => Properties | null;

export interface StoreEntry {
  /** SHA-1 of the certificate, upper-case hex. */
  readonly thumbprint: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly properties: Properties;
}

/** An entry that can't be read; it is reported and left alone. */
export interface CorruptEntry {
  /** The entry's file or value name (outside text). */
  readonly name: string;
  /** A sentence for a person, safe to show, that names the entry. */
  readonly problem: string;
}

export type AddOutcome = 'Added' | 'Replaced' | 'Unchanged';

/** Every method also throws CertPropError StoreNotFound where a store must exist to be used (Windows' own, by a name of their users). */
export interface CertificateStore {
  /** `My`, `Request`, … */
  readonly name: string;

  /** False: the store keeps certificates only. Its entries have no properties, and those given to `add` are dropped. */
  readonly keepsProperties: boolean;

  /**
   * Every entry, in no particular order; a store that does not exist yet is empty. Reading takes no lock and creates nothing.
   * @param mayBeWanted entries for which it says false may be left out; what it throws ends the listing
   * @throws CertPropError StoreAccessDenied, StoreUnavailable
   */
  entries(mayBeWanted?: (entry: StoreEntry) => boolean): AsyncIterable<StoreEntry | CorruptEntry>;

  /**
   * One entry, null when there is none.
   * @throws CertPropError StoreAccessDenied, StoreUnavailable; with the thumbprint where it is about this entry alone, as is
   * MalformedStoreElement for a corrupt one
   */
  find(thumbprint: string): Promise<StoreEntry | null>;

  /**
   * Adds a certificate atomically, with respect to other processes too. `Unchanged` when the stored entry already is what would be
   * written, or is to be left alone: nothing is written then.
   * @param properties those of the new certificate; decided upon no existing entry with the disposition `Always`
   * @throws CertPropError CertificateExists, StoreAccessDenied, StoreLocked, StoreUnavailable; MalformedStoreElement when the
   * stored entry is corrupt (unless `Always`), or the new one would be too large
   */
  add(
    certificate: Uint8Array,
    properties: Properties | DecideProperties,
    disposition: AddDisposition,
  ): Promise<AddOutcome>;

  /**
   * Removes one certificate, atomically; false when it was not there.
   * `stillWanted` is asked under the lock with the entry as it is now: false leaves it alone.
   * @throws CertPropError StoreAccessDenied, StoreLocked, StoreUnavailable, MalformedStoreElement
   */
  remove(thumbprint: string, stillWanted: (entry: StoreEntry) => boolean): Promise<boolean>;
}

export function isCorrupt(entry: object): entry is CorruptEntry {
  return 'problem' in entry;
}
