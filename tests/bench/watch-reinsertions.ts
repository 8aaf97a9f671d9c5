/** Cards that are pulled and put back at once. */
import { setTimeout as delay } from 'node:timers/promises';
import type { VirtualReader } from '../support/pcscd.js';
import { range, type Requirement } from './measure.js';
import type { WatchingEngine } from './watch-engine.js';
import type { WatchedCard } from './watched-card.js';

const rounds = 100;
/** How long the card is out of the reader (ms). */
const longestGap = 300;
/** From a look of the reader's to the pull (ms): its next look, which sees the gap, comes 0.4 s after the one before. */
const pullDelay = 200;
/** More attempts than that, and the machine is too slow to tell. */
const mostAttempts = 2 * rounds;

/** Begins with an empty reader, and leaves the card in it. */
export async function measureReinsertions(
  watching: WatchingEngine,
  card: WatchedCard,
  { readerName }: VirtualReader,
): Promise<Requirement> {
  /** Waits until the inserted card's certificates are stored. @returns whether a removal was told before, and the insertion at all */
  async function isSeenAsBoth(): Promise<boolean> {
    const before: string[] = [];
    for (;;) {
      const event = await watching.next();
      if (event === null) return false;
      if (event === `Inserted ${readerName}`) break;
      before.push(event);
    }
    await watching.take(card.resultCount);
    return before.includes(`Removed ${readerName}`);
  }

  let inserted = await card.insert();
  await isSeenAsBoth();
  const gaps: number[] = [];
  let seen = 0;
  let attempts = 0;
  while (gaps.length < rounds) {
    if (++attempts > mostAttempts) throw new Error('The machine is too busy to put a card back in time.');
    await card.polled();
    await delay(pullDelay);
    const pulled = performance.now();
    await inserted.remove();
    const gap = performance.now() - pulled;
    inserted = await card.insert();
    const isSeen = await isSeenAsBoth();
    if (gap > longestGap) continue;
    gaps.push(gap);
    if (isSeen) seen += 1;
  }
  console.log(
    `${rounds} reinsertions ${range(gaps)} ms after the removal: seen as removal and insertion ${seen} of ${rounds}; ${attempts - rounds} more took longer.`,
  );
  return {
    what: `reinsertions within ${longestGap} ms not seen as both, of ${rounds}`,
    measured: rounds - seen,
    limit: 0,
  };
}
