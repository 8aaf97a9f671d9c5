/** What a place or a profile holds of what is wanted, told in events. */
import { listStore, type CardsSeen } from '../propagation/inventory.js';
import type { Selection } from '../propagation/selection.js';
import type { Unreadable } from '../propagation/stored-certificate.js';
import type { StreamEvent } from './contract.js';
import { describeError } from './describe.js';
import { storesIn, type StoreSource } from './store-sources.js';
import { summarize, type Listing } from './summary.js';

/** Plain data: a thread can be given it. */
export interface Wanted {
  readonly selection: Selection;
  readonly storeNames: readonly string[];
  /** Only a summary of each place and profile. */
  readonly summary: boolean;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** Resolves when more may be told. */
export type Emit = (event: StreamEvent) => Promise<void>;

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
