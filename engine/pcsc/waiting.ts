/** Waiting for each other. */

/**
 * Waits for what comes, no longer than the signal allows. What can't be stopped from coming is handed to `giveBack`.
 * @throws the signal's reason
 */
export async function claim<T>(
  coming: Promise<T>,
  signal: AbortSignal,
  giveBack: (coming: Promise<T>) => unknown,
): Promise<T> {
  const waited = new AbortController();
  try {
    await Promise.race([coming, aborted(signal, waited.signal)]);
    signal.throwIfAborted();
    return await coming;
  } catch (error) {
    giveBack(coming);
    throw error;
  } finally {
    waited.abort();
  }
}

/** Waits for what comes or for the signal, whichever is first. */
export async function orAborted(coming: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const waited = new AbortController();
  try {
    await Promise.race([coming, aborted(signal, waited.signal)]);
  } finally {
    waited.abort();
  }
}

/** @param forget ends the listening, because a signal lives as long as it has listeners */
function aborted(signal: AbortSignal, forget: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true, signal: forget },
    );
  });
}

export interface Turns {
  /** Resolves when all who entered before have left; the result leaves. */
  enter(key: string): Promise<() => void>;
}

/** One at a time, per key. */
export function turns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async enter(key) {
      const before = last.get(key);
      let leave = (): void => undefined;
      const left = new Promise<void>((resolve) => {
        leave = resolve;
      });
      last.set(key, left);
      await before;
      return leave;
    },
  };
}

export interface UnderWay {
  /** The result ends it. */
  begin(): () => void;
  /** Resolves when nothing is under way. */
  none(): Promise<void>;
}

/** Counts what has begun and not ended. */
export function underWay(): UnderWay {
  const begun = new Set<Promise<void>>();
  return {
    begin() {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      begun.add(ended);
      return () => {
        begun.delete(ended);
        end();
      };
    },
    async none() {
      while (begun.size > 0) await Promise.all(begun);
    },
  };
}
