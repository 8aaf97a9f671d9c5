/** The certificates of a store, as far as they can be read. */
import type { CertificateOutline } from '../certificate/outline.js';
import type { CertificateInfo } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { isCorrupt, type CorruptEntry, type StoreEntry } from '../store/store.js';
import { visible } from '../text.js';

export interface StoredCertificate<Info extends CertificateOutline = CertificateInfo> {
  readonly entry: StoreEntry;
  readonly info: Info;
}

/** A stored certificate as far as an inventory or a removal looks at it. */
export type StoredOutline = StoredCertificate<CertificateOutline>;

/** Hears of each entry that can't be read; the next one waits for it. */
export type Unreadable = (error: CertPropError) => Promise<void>;

/**
 * @param storeName safe to show
 * @param read throws CertPropError
 * @param isWanted false: the entry is passed over and its certificate not read
 */
export async function* readableEntries<Info extends CertificateOutline>(
  entries: AsyncIterable<StoreEntry | CorruptEntry>,
  storeName: string,
  unreadable: Unreadable,
  signal: AbortSignal,
  read: (certificate: Uint8Array) => Promise<Info>,
  isWanted: (entry: StoreEntry) => boolean = () => true,
): AsyncGenerator<StoredCertificate<Info>> {
  for await (const entry of entries) {
    signal.throwIfAborted();
    try {
      if (isCorrupt(entry)) throw new CertPropError('MalformedStoreElement', entry.problem);
      if (!isWanted(entry)) continue;
      yield { entry, info: await read(entry.certificate) };
    } catch (error) {
      if (!(error instanceof CertPropError)) throw error;
      await unreadable(unreadableEntry(error, entry, storeName));
    }
  }
}

function unreadableEntry(
  error: CertPropError,
  entry: StoreEntry | CorruptEntry,
  storeName: string,
): CertPropError {
  const file = visible(isCorrupt(entry) ? entry.name : entry.thumbprint);
  return new CertPropError(
    error.id,
    `The entry ${file} of the store ${storeName} can't be read and was left alone: ${error.message}`,
    { ...error.details, file },
    { cause: error },
  );
}
