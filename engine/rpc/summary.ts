import { placeAddress, type PropagatedCertificate } from '../propagation/inventory.js';
import type { FoundStore } from '../propagation/found-store.js';
import type { Unreadable } from '../propagation/stored-certificate.js';
import { isCorrupt, type CorruptEntry, type StoreEntry } from '../store/store.js';
import type { PropagatedSummary } from './contract.js';
import { storesIn, type StoreSource } from './store-sources.js';

/** Lists what a store holds of cards. */
export type Listing = (found: FoundStore, unreadable: Unreadable) => AsyncIterable<PropagatedCertificate>;

/** Counts what the source's stores hold; keeps none of it. */
export async function summarize(
  source: StoreSource,
  storeNames: readonly string[],
  list: Listing,
  unreadable: Unreadable,
): Promise<PropagatedSummary> {
  const counts = { certificates: 0, fromCards: 0, expired: 0, foreignUser: 0, onCard: 0, problems: 0 };
  let knowsCards = true;
  const countProblem: Unreadable = (error) => {
    counts.problems++;
    return unreadable(error);
  };
  for await (const found of storesIn(source, storeNames)) {
    const counted = withCount(found, () => counts.certificates++);
    for await (const { evidence, isExpired, isForeignUser, isOnCard } of list(counted, countProblem)) {
      if (evidence === null) continue;
      counts.fromCards++;
      if (isExpired) counts.expired++;
      if (isForeignUser === true) counts.foreignUser++;
      if (isOnCard === true) counts.onCard++;
      if (isOnCard === null) knowsCards = false;
    }
  }
  return { ...placeAddress(source), ...counts, onCard: knowsCards ? counts.onCard : null };
}

function withCount(found: FoundStore, count: () => void): FoundStore {
  const { store } = found;
  return { ...found, store: { ...store, entries: () => counting(store.entries(), count) } };
}

async function* counting(
  entries: AsyncIterable<StoreEntry | CorruptEntry>,
  count: () => void,
): AsyncGenerator<StoreEntry | CorruptEntry> {
  for await (const entry of entries) {
    if (!isCorrupt(entry)) count();
    yield entry;
  }
}
