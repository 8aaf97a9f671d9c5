/** The system calls by which profiles are read on Linux. */
import { constants } from 'node:fs';
import { loadKoffi } from './koffi.js';
import { type FileCalls, fileCalls } from './linux-files.js';
import { type FolderCalls, folderCalls } from './linux-folders.js';

export type LinuxCalls = FolderCalls & FileCalls;

/** Null where the kernel lacks openat2(2), the newest of them, or forbids it. */
export async function loadLinuxCalls(): Promise<LinuxCalls | null> {
  const koffi = await loadKoffi();
  const calls = { ...folderCalls(koffi), ...fileCalls(koffi) };
  return isThere(calls) ? calls : null;
}

/** A kernel that has the call looks at the descriptor, and finds none. */
function isThere({ open }: LinuxCalls): boolean {
  try {
    open(-1, '.', constants.O_RDONLY);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EBADF';
  }
}
