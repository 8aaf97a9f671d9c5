import { CertPropError } from '../errors.js';
import { visible } from '../text.js';

/** One attempt to take a folder's lock: the way to give it back, or what stands in the way for now. */
export type LockAttempt =
  | { readonly release: () => void }
  /** `waitMs`: after how long this obstacle is no passing one any more. */
  | { readonly obstacle: CertPropError; readonly waitMs: number };

/** @param shown the folder's path as a person knows it, where `folder` is another way to it */
export type TryLock = (folder: string, shown?: string) => LockAttempt;

/** The folder is locked by someone else, which may take 10 s. */
export function heldByAnother(folder: string): LockAttempt {
  const obstacle = new CertPropError(
    'StoreLocked',
    `The store folder ${visible(folder)} is being changed by another program. Run it again when that is done.`,
    { file: folder },
  );
  return { obstacle, waitMs: 10_000 };
}
