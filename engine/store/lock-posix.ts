import { closeSync, constants, openSync } from 'node:fs';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { storeError } from './file-error.js';
import { heldByAnother, type TryLock } from './lock-attempt.js';

/** flock(2); the numbers are the same on Linux, macOS and the BSDs (sys/file.h). */
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * flock(2) on the folder itself: each opening of it counts as one holder, so requests of one process keep each other out too.
 * Node opens with O_CLOEXEC: a child process does not inherit the lock.
 */
export async function loadTryLock(): Promise<TryLock> {
  const { default: koffi } = await import('koffi');
  // Null: the C library that this process already uses, whatever its name.
  const flock: (descriptor: number, operation: number) => number = koffi
    .load(null)
    .func('int flock(int descriptor, int operation)');
  const { EAGAIN, EINTR } = koffi.os.errno;

  return (folder, shown = folder) => {
    const descriptor = openFolder(folder, shown);
    if (flock(descriptor, LOCK_EX | LOCK_NB) === 0) {
      return {
        release: () => {
          closeSync(descriptor);
        },
      };
    }
    const errno = koffi.errno();
    closeSync(descriptor);
    if (errno === EAGAIN || errno === EINTR) return heldByAnother(shown);
    throw unsupported(shown, errno);
  };
}

function openFolder(folder: string, shown: string): number {
  try {
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw storeError(error, shown);
  }
}

/** There is no second way to lock: two ways at once would not keep each other out, and changes would be lost. */
function unsupported(folder: string, errno: number): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    `The store folder ${visible(folder)} can't be locked (flock failed with error ${errno}): its file system, often a network one, ` +
      'has no such locks. Choose a store path on a local disk.',
    { file: folder },
  );
}
