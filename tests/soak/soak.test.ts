/** A short soak: what `npm run bench -- soak` does thousands of times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanedStores, hooksOf } from './hooks.js';
import { skipElsewhere } from './skip-elsewhere.js';
import { soak } from './soak.js';

test(
  'An engine that is killed before and after each write to a store leaves it whole, and the next one loses nothing and leaves nothing',
  { skip: skipElsewhere },
  async (context) => {
    const { cycles, kills, memory, ...wrong } = await soak({ rounds: 1, cycles: 50 }, () => undefined);
    assert.deepEqual(wrong, { inconsistent: [], leftBehind: [], lost: [] });
    assert.deepEqual(
      kills,
      new Map(hooksOf(cleanedStores(true)).map((hook) => [hook, 1])),
      'each hook was hit',
    );
    assert.ok(cycles >= 50);
    assert.ok(memory.every((bytes) => bytes > 0) && memory.length > 0);
    context.diagnostic(`${cycles} insertions and removals, ${kills.size} kills`);
  },
);
