/** Cards that are pulled and put back at once. */
import { setTimeout as delay } from 'node:timers/promises';
import type { VirtualReader } from '../support/pcscd.js';
import { range, timed, type Requirement } from './measure.js';
import type { WatchingEngine } from './watch-engine.js';
import type { WatchedCard } from './watched-card.js';

const rounds = 100;
/** How long the card may be out of the reader (ms). */
const longestGap = 300;
/** From a look of the reader's to the pull (ms): its next look, which sees the gap, comes 0.4 s after the one before. */
const pullDelay = 200;
/** A reader that looks every 0.4 s has powered the card by then (ms). Later, it took it for the one before, and it was put in once more. */
const longestPowering = 600;
const mostLate = rounds;

interface Reinsertion {
  /** How long the card was out of the reader (ms). */
  readonly gap: number;
  readonly isSeen: boolean;
  readonly isInTime: boolean;
}

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

  async function reinsert(): Promise<Reinsertion> {
    await card.polled();
    await delay(pullDelay);
    const gap = await timed(() => inserted.remove());
    const powering = await timed(async () => {
      inserted = await card.insert();
    });
    const isSeen = await isSeenAsBoth();
    return { gap, isSeen, isInTime: gap <= longestGap && powering <= longestPowering };
  }

  let inserted = await card.insert();
  await isSeenAsBoth();
  const counted: Reinsertion[] = [];
  let late = 0;
  while (counted.length < rounds) {
    const reinsertion = await reinsert();
    if (reinsertion.isInTime || !reinsertion.isSeen) counted.push(reinsertion);
    else if (++late > mostLate) throw new Error('The machine is too busy to put a card back in time.');
  }
  const seen = counted.filter(({ isSeen }) => isSeen).length;
  console.log(
    `${rounds} reinsertions ${range(counted.map(({ gap }) => gap))} ms after the removal: seen as both ${seen} of ${rounds}. Not counted, because the reader was late: ${late}.`,
  );
  return {
    what: `reinsertions within ${longestGap} ms not seen as both, of ${rounds}`,
    measured: rounds - seen,
    limit: 0,
  };
}
