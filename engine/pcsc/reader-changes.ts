/** What came into the readers and left them between two looks: pure functions. */
import type { ReaderChange } from './reader.js';

/** What is known of a reader's card. */
export interface CardState {
  /** A card is in the reader, be it a mute one. */
  readonly present: boolean;
  /** The insertions and removals so far, modulo 0x10000; null where nobody counts them. */
  readonly count: number | null;
}

/** By the readers' names. */
export type CardStates = ReadonlyMap<string, CardState>;

export const noReaders: CardStates = new Map();

const emptyReader: CardState = { present: false, count: null };

/** A reader that is gone has lost its card. What happened more than once in a reader is told once, in the order that fits what is there now. */
export function changesBetween(before: CardStates, after: CardStates): readonly ReaderChange[] {
  const gone = [...before.keys()].filter((readerName) => !after.has(readerName));
  return [...gone, ...after.keys()].flatMap((readerName) => {
    const kinds = kindsOfChange(before.get(readerName) ?? emptyReader, after.get(readerName) ?? emptyReader);
    return kinds.map((kind) => ({ kind, readerName }));
  });
}

function kindsOfChange(before: CardState, after: CardState): readonly ReaderChange['kind'][] {
  if (before.present !== after.present) return [after.present ? 'Inserted' : 'Removed'];
  if (before.count === null || after.count === null || before.count === after.count) return [];
  return after.present ? ['Removed', 'Inserted'] : ['Inserted', 'Removed'];
}

/**
 * Adds a change to those that nobody has taken yet. A reader's changes alternate: of more than two, the last one says as much. So a card
 * that came and went unnoticed is dropped, and what waits is bounded by the readers.
 */
export function withChange(waiting: readonly ReaderChange[], change: ReaderChange): readonly ReaderChange[] {
  const others = waiting.filter(({ readerName }) => readerName !== change.readerName);
  return waiting.length - others.length < 2 ? [...waiting, change] : [...others, change];
}
