/** The card that is inserted again and again while the engine watches, and what the watch tells of it. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { insertCard, type InsertedCard } from '../../engine/virtual/vpcd.js';
import type { VirtualReader } from '../support/pcscd.js';
import type { WatchingEngine } from './watch-engine.js';

export interface WatchedCard {
  /** DER, of the user's certificates on it. */
  readonly certificates: readonly Uint8Array[];
  /** How many results the watch tells of its insertion: of each certificate and of a root. */
  readonly resultCount: number;
  /** Resolves when the reader has powered it: the system tells of the insertion next. */
  insert(): Promise<InsertedCard>;
  /** Resolves when the reader looks next whether the card is still there: every 0.4 s (pcsc-lite). */
  polled(): Promise<void>;
}

/** A GIDS card with three certificates and a root. */
export async function watchedCard({ port }: VirtualReader): Promise<WatchedCard> {
  const { state, certificates } = await makeSampleCard();
  const card = gidsCard(state);
  let seen = (): void => undefined;
  const polledCard = {
    // Each time the reader looks for the card it asks for this.
    get atr() {
      seen();
      return card.atr;
    },
    transmit: (command: Uint8Array) => card.transmit(command),
    reset: () => {
      card.reset();
    },
  };
  return {
    certificates: [...certificates.values()],
    resultCount: certificates.size + 1,
    insert: () => insertCard(polledCard, port),
    polled: () => new Promise((resolve) => (seen = resolve)),
  };
}

/** Waits until what was stored of the card has been taken back. @throws AssertionError if it was not */
export async function takenBack(
  watching: WatchingEngine,
  { certificates }: WatchedCard,
  { readerName }: VirtualReader,
): Promise<void> {
  assert.deepEqual(await watching.take(1 + certificates.length), [
    `Removed ${readerName}`,
    ...certificates.map(() => 'Removed My'),
  ]);
  assert.deepEqual(await storedIn(watching.storePath), []);
}

/**
 * @param told the insertion and its results
 * @throws AssertionError unless each of the card's certificates was added, and just these are in the store
 */
export async function checkStored(
  { storePath }: WatchingEngine,
  { certificates }: WatchedCard,
  { readerName }: VirtualReader,
  told: readonly string[],
): Promise<void> {
  const [insertion, ...results] = told;
  assert.equal(insertion, `Inserted ${readerName}`);
  assert.deepEqual(
    results.slice(0, -1),
    certificates.map(() => 'Added My'),
  );
  assert.match(results.at(-1) ?? '', /^(?:Added|Unchanged) SmartCardRoot$/u);
  assert.deepEqual(await storedIn(storePath), certificates.map(thumbprintOf).sort());
}

async function storedIn(storePath: string): Promise<string[]> {
  return (await readdir(join(storePath, 'SystemCertificates', 'My', 'Certificates'))).sort();
}
