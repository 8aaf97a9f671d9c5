/** What the engine does while a card is in and nothing happens. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Requirement } from './measure.js';
import { skipWithoutStrace, systemCalls } from './system-calls.js';
import type { WatchingEngine } from './watch-engine.js';

const idleSeconds = 60;
/** From the last result on (ms): pcscd still tells that the card is not in use any more, and powers it down. */
const settling = 2000;
const mostCalls = 9;

/** The requirement is left out without strace. */
export async function measureIdle({ engine }: WatchingEngine): Promise<Requirement[]> {
  const skipped = skipWithoutStrace();
  if (skipped !== false) {
    console.log(`idleness is not measured: ${skipped}`);
    return [];
  }
  await delay(settling);
  const calls = await systemCalls(engine.processId, () => delay(idleSeconds * 1000));
  const asked = await systemCalls(engine.processId, () => engine.request('reader/list', {}));
  console.log(`${idleSeconds} idle seconds: ${calls} system calls (beside it, one reader/list: ${asked}).`);
  return [{ what: `system calls in ${idleSeconds} idle seconds`, measured: calls, limit: mostCalls }];
}
