import { setTimeout as delay } from 'node:timers/promises';
import type { LockAttempt, TryLock } from './lock-attempt.js';

/**
 * Does `work` while holding the one lock of a store folder, against other processes and other requests of this one.
 * The kernel drops the lock with its process, however that ends, and nothing is left behind.
 * @throws CertPropError StoreLocked when it is held for 10 s, StoreUnavailable, StoreAccessDenied; and what `work` throws
 */
export async function withLock<T>(folder: string, work: () => Promise<T>, longestMs = Infinity): Promise<T> {
  const tryLock = await locking();
  return whileLocked(() => tryLock(folder), work, longestMs);
}

/**
 * Does `work` while holding whatever lock `attemptLock` takes.
 * @throws CertPropError the obstacle that did not pass; and what `attemptLock` and `work` throw
 */
export async function whileLocked<T>(
  attemptLock: () => LockAttempt,
  work: () => Promise<T>,
  longestMs = Infinity,
): Promise<T> {
  const release = await acquire(attemptLock, longestMs);
  try {
    return await work();
  } finally {
    release();
  }
}

async function acquire(attemptLock: () => LockAttempt, longestMs: number): Promise<() => void> {
  const start = performance.now();
  for (;;) {
    const attempt = attemptLock();
    if ('release' in attempt) return attempt.release;
    if (performance.now() - start >= Math.min(attempt.waitMs, longestMs)) throw attempt.obstacle;
    // Waits of different lengths, so that no process is always the last to ask.
    await delay(5 + Math.random() * 20);
  }
}

let loading: Promise<TryLock> | undefined;

/** koffi is loaded with the first lock: reading a store needs none. */
function locking(): Promise<TryLock> {
  loading ??=
    process.platform === 'win32'
      ? import('./lock-windows.js').then((module) => module.loadTryLock())
      : import('./lock-posix.js').then((module) => module.loadTryLock());
  return loading;
}
