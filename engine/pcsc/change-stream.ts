/** A stream of changes that are looked for all the time, whether or not somebody takes them. */
import { withChange } from './reader-changes.js';
import type { ReaderChange } from './reader.js';
import { orAborted } from './waiting.js';

/** Reports changes until the signal is aborted; what it throws, the stream throws. */
export type Watch = (report: (change: ReaderChange) => void, signal: AbortSignal) => Promise<void>;

/** Ends when the signal is aborted, without waiting for the watch's end. */
export async function* changeStream(
  watch: Watch,
  signal: AbortSignal,
): AsyncGenerator<ReaderChange, void, void> {
  const stopped = new AbortController();
  const end = AbortSignal.any([signal, stopped.signal]);
  let waiting: readonly ReaderChange[] = [];
  let wake = (): void => undefined;
  const report = (change: ReaderChange): void => {
    waiting = withChange(waiting, change);
    wake();
  };
  const ended = orAborted(watch(report, end), end).finally(() => {
    stopped.abort();
    wake();
  });
  ended.catch(() => undefined);
  try {
    while (!end.aborted) {
      const [next, ...rest] = waiting;
      if (next === undefined) {
        // Not raced with `ended`, which would keep something of each race as long as it lasts.
        await new Promise<void>((resolve) => (wake = resolve));
      } else {
        waiting = rest;
        yield next;
      }
    }
    await ended;
  } finally {
    stopped.abort();
  }
}
