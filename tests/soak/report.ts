import type { Hook } from './hooks.js';

/** What a soak came to; it grows while it runs. Whatever was wrong is a sentence. */
export interface SoakReport {
  /** Insertions with their removals. */
  cycles: number;
  /** How often the engine was killed at each hook. */
  readonly kills: Map<Hook, number>;
  /** What in a store can't be read, or isn't as the engine writes it. */
  readonly inconsistent: string[];
  /** What was still there when card and engine had no more business with it. */
  readonly leftBehind: string[];
  /** What wasn't there, or not as a person left it, though nobody was to remove it. */
  readonly lost: string[];
  /** The memory of the engine that was never killed, every few cycles (resident bytes). */
  readonly memory: number[];
}

export function newReport(): SoakReport {
  return { cycles: 0, kills: new Map(), inconsistent: [], leftBehind: [], lost: [], memory: [] };
}
