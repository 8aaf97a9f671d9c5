import { CertPropError, type ErrorId } from '../errors.js';
import { visible } from '../text.js';
import { errorCode } from './retry.js';

/** Runs a file operation of the store; its failure is told as the product's error about that path. */
export async function onPath<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    throw storeError(error, path);
  }
}

/** StoreAccessDenied or StoreUnavailable for a failed file operation; what is no such failure stays as it is. */
export function storeError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof CertPropError) return error;
  const [id, advice] =
    failures[code] ?? unavailable(`could not be used (${code}). Check the folder and its disk.`);
  return new CertPropError(id, `${visible(path)} ${advice}`, { file: path }, { cause: error });
}

type Failure = readonly [ErrorId, string];

const denied: Failure = [
  'StoreAccessDenied',
  "can't be accessed: permission denied. Run as the store's owner, or give your account the right to change it.",
];
const missing = unavailable('does not exist. Check the store path, or create the folder first.');
const full = unavailable(
  'could not be written: no space is left. The store is unchanged; free some space and run it again.',
);

const failures: Readonly<Record<string, Failure>> = {
  EACCES: denied,
  EPERM: denied,
  ENOENT: missing,
  ENOTDIR: unavailable('lies below something that is no folder. Check the store path.'),
  EROFS: unavailable('is on a read-only file system. Choose a store path that can be written.'),
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: full,
  EBUSY: unavailable('is held by another program. Close it and run it again.'),
};

function unavailable(advice: string): Failure {
  return ['StoreUnavailable', advice];
}
