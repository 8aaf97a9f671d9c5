import { readOutline } from '../certificate/outline.js';
import { CertPropError } from '../errors.js';
import { storeTitle, type OwnedStore } from './found-store.js';
import { mayBeSelected, type Selection } from './selection.js';
import { readableEntries, type StoredOutline, type Unreadable } from './stored-certificate.js';

/**
 * The certificates of a store that may be meant, one by one. Entries that can't be read are told and passed over. So is a store of a
 * profile: among many there may be some that nobody can read.
 * @throws CertPropError StoreAccessDenied, StoreUnavailable, StoreNotFound for a store that was named by itself
 */
export async function* candidates(
  found: OwnedStore,
  selection: Selection,
  unreadable: Unreadable,
  signal: AbortSignal,
): AsyncGenerator<StoredOutline> {
  const title = storeTitle(found);
  const mayBeWanted = (entry: StoredOutline['entry']): boolean => {
    signal.throwIfAborted();
    return mayBeSelected(entry, selection);
  };
  try {
    const entries = found.store.entries(mayBeWanted);
    yield* readableEntries(entries, title, unreadable, signal, readOutline, mayBeWanted);
  } catch (error) {
    if (!(error instanceof CertPropError) || found.owner.profilePath === null) throw error;
    const message = `The store ${title} was passed over: ${error.message}`;
    await unreadable(new CertPropError(error.id, message, error.details, { cause: error }));
  }
}
