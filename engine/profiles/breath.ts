/** Lets the rest of the process have its turn: work here is synchronous (held-folder.ts). */
import { setImmediate as turn } from 'node:timers/promises';

const longestMs = 10;
let last = performance.now();

/** 10 ms have gone by without a turn. */
export function isBreathless(): boolean {
  return performance.now() - last >= longestMs;
}

/** To be awaited between two pieces of work. */
export async function breathe(): Promise<void> {
  if (!isBreathless()) return;
  await turn();
  last = performance.now();
}
