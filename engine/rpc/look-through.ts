/** What a place or a profile holds of what is wanted, told in events. */
import { listStore, type CardsSeen } from '../propagation/inventory.js';
import type { Unreadable } from '../propagation/stored-certificate.js';
import { describeError } from './describe.js';
import type { Emit, Wanted } from './profile-looking.js';
import { storesIn, type StoreSource } from './store-sources.js';
import { summarize, type Listing } from './summary.js';

/**
 * Tells the certificates or their summary, and warns of what can't be read.
 * @param cards null: the readers of the stores' owner can't be seen
 */
export async function lookThrough(
  source: StoreSource,
  { selection, storeNames, summary, now }: Wanted,
  cards: () => Promise<CardsSeen | null>,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const unreadable: Unreadable = (error) => emit({ kind: 'warning', error: describeError(error) });
  const list: Listing = (found, told) => listStore(found, { selection, cards, now }, told, signal);
  if (summary)
    return emit({ kind: 'summary', summary: await summarize(source, storeNames, list, unreadable) });
  for await (const found of storesIn(source, storeNames)) {
    for await (const certificate of list(found, unreadable)) await emit({ kind: 'propagated', certificate });
  }
}
