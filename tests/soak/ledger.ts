/** What the stores of a profile have to hold, as follows from what the engine told and what a person did. */
import type { PropagationResult } from '../../engine/propagation/result.js';
import type { StoreName } from './hooks.js';
import { keyOf, type StoreState } from './store-state.js';

export interface Ledger {
  /** What has to be taken back when no card is in the reader, by its keys. */
  readonly due: ReadonlySet<string>;
  /** What the engine has put or found into place since the card was inserted or the engine started, whichever was last. */
  readonly told: ReadonlySet<string>;
  isKept(key: string): boolean;
  /** @returns what is wrong with it, null if nothing is */
  onResult(result: PropagationResult): string | null;
  onInserted(): void;
  onPulled(): void;
  /** A new engine takes over the stores as they are: the dead one may have done more than it told. */
  onRestart(state: StoreState): void;
  /** A person deleted a certificate. */
  onDeleted(key: string): void;
  /** A person gave a certificate a friendly name. */
  onNamed(key: string, friendlyName: string): void;
  /** What has to be there and isn't, or has lost its friendly name. */
  lostIn(state: StoreState): readonly string[];
  /** What may not be there without a card in the reader. */
  leftBehindIn(state: StoreState): readonly string[];
}

/** @param cleaned the stores out of which certificates are taken when their card is removed */
export function newLedger(cleaned: readonly StoreName[]): Ledger {
  /** What has to be there, with its friendly name (null: none). */
  const kept = new Map<string, string | null>();
  const due = new Set<string>();
  const told = new Set<string>();
  const isCleaned = (key: string): boolean => cleaned.some((store) => key.startsWith(keyOf(store, '')));

  return {
    ...{ due, told },
    isKept: (key) => kept.has(key),

    onResult({ store, thumbprint, action }) {
      const key = keyOf(store, thumbprint);
      if (action === 'Removed') {
        due.delete(key);
        return kept.has(key) ? `${key} was removed` : null;
      }
      kept.set(key, kept.get(key) ?? null);
      told.add(key);
      if (isCleaned(key)) due.add(key);
      return null;
    },

    onInserted() {
      told.clear();
    },

    onPulled() {
      for (const key of kept.keys()) if (isCleaned(key)) kept.delete(key);
    },

    onRestart(state) {
      told.clear();
      due.clear();
      for (const key of state.entries.keys()) if (isCleaned(key)) due.add(key);
    },

    onDeleted(key) {
      kept.delete(key);
    },

    onNamed(key, friendlyName) {
      kept.set(key, friendlyName);
    },

    lostIn({ entries }) {
      return [...kept].flatMap(([key, friendlyName]) => {
        const entry = entries.get(key);
        if (entry === undefined) return [`${key} is not there`];
        return entry.friendlyName === friendlyName ? [] : [`${key} has lost its friendly name`];
      });
    },

    leftBehindIn: ({ entries }) => [...entries.keys()].filter(isCleaned),
  };
}
