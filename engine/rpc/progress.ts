/** How far a request is, told to the client now and then. */
import type { EventQueue } from './events.js';

/** Whoever waits no longer than this is told nothing (ms). */
const patienceMs = 500;
/** Between two events (ms). */
const intervalMs = 250;

export interface Progress {
  /** @param done how many of the total */
  readonly tell: (done: number) => void;
  /** Ends what was told, if anything was. */
  readonly end: () => void;
}

/**
 * @param total null where nobody knows
 * @param clock milliseconds from any moment
 */
export function startProgress(
  out: Pick<EventQueue, 'send'>,
  activity: string,
  total: number | null,
  clock: () => number = () => performance.now(),
): Progress {
  const start = clock();
  let next = start + patienceMs;
  let last: number | null = null;
  return {
    tell(done) {
      const now = clock();
      if (now < next) return;
      next = now + intervalMs;
      last = done;
      out.send({
        kind: 'progress',
        activity,
        done,
        total,
        secondsLeft: secondsLeft(done, total, now - start),
      });
    },
    end() {
      if (last !== null)
        out.send({ kind: 'progress', activity, done: total ?? last, total: total ?? last, secondsLeft: 0 });
    },
  };
}

/** At the rate so far, in whole seconds; null while there is none, or no total. */
export function secondsLeft(done: number, total: number | null, elapsedMs: number): number | null {
  if (total === null || done <= 0) return null;
  return Math.ceil((elapsedMs / done) * (Math.max(0, total - done) / 1000));
}
