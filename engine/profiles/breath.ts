/** Lets the rest of the process have its turn: work here is synchronous (held-folder.ts). */
import { setImmediate as turn } from 'node:timers/promises';

const longestMs = 10;
let last = performance.now();

/** To be awaited between two pieces of work; only after 10 ms without a turn does it give one. */
export async function breathe(): Promise<void> {
  if (performance.now() - last < longestMs) return;
  await turn();
  last = performance.now();
}
