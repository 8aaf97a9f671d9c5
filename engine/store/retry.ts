import { setTimeout as delay } from 'node:timers/promises';

/**
 * What a virus scanner or an indexer that has the file open for a moment causes: EBUSY anywhere; on Windows, where an open file
 * can't be replaced, EPERM and EACCES too. Elsewhere these two are final.
 */
const passing: ReadonlySet<string> = new Set(
  process.platform === 'win32' ? ['EBUSY', 'EPERM', 'EACCES'] : ['EBUSY'],
);

/** Repeats a file operation for up to two seconds while the file is held by another program. */
export async function retryWhileBusy<T>(operation: () => Promise<T>, longestMs = 2000): Promise<T> {
  const end = performance.now() + longestMs;
  for (let waitMs = 5; ; waitMs = Math.min(2 * waitMs, 100)) {
    try {
      return await operation();
    } catch (error) {
      if (!passing.has(errorCode(error) ?? '') || performance.now() + waitMs > end) throw error;
    }
    await delay(waitMs);
  }
}

/** The system's name for a failed file operation (`ENOENT`), undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
