/** What is wanted of places and profiles, and who looks through profiles beside the engine's own thread. */
import type { Profile } from '../profiles/profile.js';
import type { Selection } from '../propagation/selection.js';
import type { StreamEvent } from './contract.js';

/** Plain data: a thread can be given it. */
export interface Wanted {
  readonly selection: Selection;
  readonly storeNames: readonly string[];
  /** Only a summary of each place and profile. */
  readonly summary: boolean;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** Resolves when more may be told. */
export type Emit = (event: StreamEvent) => Promise<void>;

export interface ProfileThread {
  /** Begins at once; one profile at a time. @returns what is found, in pieces @throws CertPropError */
  readonly look: (profile: Profile) => AsyncIterable<readonly StreamEvent[]>;
  /** In the middle of a profile too. */
  readonly end: () => Promise<unknown>;
}
