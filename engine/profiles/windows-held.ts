/** Opening one thing on Windows, and looking at what was opened. */
import type { FileHandle } from '../native/ntdll.js';
import { linkRefused } from './held-folder.js';
import type { Facts } from './nt-records.js';
import { isMissing, ntStatus, statusError } from './nt-status.js';
import type { WindowsFiles } from './windows-files.js';
import type { OpenAs } from './windows-requests.js';

export interface Held {
  readonly handle: FileHandle;
  readonly facts: Facts;
}

/** The status of a failure, or what was opened and is to be closed. */
export function hold(
  files: WindowsFiles,
  folder: FileHandle | null,
  name: string,
  as: OpenAs,
): Held | number {
  const handle = files.open({ folder, name, ...as });
  if (typeof handle === 'object') return handle.status;
  try {
    return { handle, facts: files.facts(handle) };
  } catch (error) {
    files.close(handle);
    throw error;
  }
}

/** Null for what is not there. @throws Error for another failure */
export function nullIfMissing(status: number, path: string): null {
  if (isMissing(status)) return null;
  throw failure(status, path);
}

/** The error of a failure to open. */
export function failure(status: number, path: string): Error {
  return status === ntStatus.notAFolder ? linkRefused(path, 'no folder') : statusError(status);
}
