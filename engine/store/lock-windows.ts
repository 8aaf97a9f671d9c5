import { join, toNamespacedPath } from 'node:path';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { heldByAnother, type LockAttempt, type TryLock } from './lock-attempt.js';

/** winnt.h, fileapi.h, winbase.h, winerror.h. */
const GENERIC_WRITE = 0x40000000;
const DELETE = 0x00010000;
const OPEN_ALWAYS = 4;
const FILE_ATTRIBUTE_TEMPORARY = 0x00000100;
const FILE_FLAG_OPEN_REPARSE_POINT = 0x00200000;
const FILE_FLAG_DELETE_ON_CLOSE = 0x04000000;
const INVALID_HANDLE_VALUE = -1;
export const ERROR_ACCESS_DENIED = 5;
export const ERROR_SHARING_VIOLATION = 32;

export const lockName = 'CertProp.lock';

/**
 * A file in the folder that one opener at a time can have (share mode 0) and that goes when its handle is closed, be it by the end
 * of the process. A link in its place is opened itself, never followed. The handle is not inheritable.
 */
export async function loadTryLock(): Promise<TryLock> {
  const { default: koffi } = await import('koffi');
  // One of the system's known DLLs: always loaded from its own folder.
  const kernel32 = koffi.load('kernel32.dll');
  const createFile: (...parameters: (string | number | null)[]) => number = kernel32.func(
    'intptr_t __stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t disposition, uint32_t flags, intptr_t template)',
  );
  const closeHandle: (handle: number) => number = kernel32.func('int __stdcall CloseHandle(intptr_t handle)');
  const getLastError: () => number = kernel32.func('uint32_t __stdcall GetLastError()');

  return (folder) => {
    const flags = FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_DELETE_ON_CLOSE;
    const path = toNamespacedPath(join(folder, lockName));
    const handle = createFile(path, GENERIC_WRITE | DELETE, 0, null, OPEN_ALWAYS, flags, 0);
    if (handle !== INVALID_HANDLE_VALUE) {
      return {
        release: () => {
          closeHandle(handle);
        },
      };
    }
    return lockRefused(folder, getLastError());
  };
}

/**
 * What stands in the way of the lock.
 * @param code winerror.h
 * @throws CertPropError StoreUnavailable for what does not pass
 */
export function lockRefused(folder: string, code: number): LockAttempt {
  const shown = visible(folder);
  const details = { file: folder, hresult: code };
  switch (code) {
    case ERROR_SHARING_VIOLATION:
      return heldByAnother(folder);
    case ERROR_ACCESS_DENIED:
      // Also the answer for a moment while the last holder's file is being deleted.
      return {
        obstacle: new CertPropError(
          'StoreAccessDenied',
          `The store folder ${shown} can't be locked: access denied. Run as the store's owner, or give your account the right to change it.`,
          details,
        ),
        waitMs: 2000,
      };
    default:
      throw new CertPropError(
        'StoreUnavailable',
        `The store folder ${shown} can't be locked (Windows error ${code}). Check the folder and its disk.`,
        details,
      );
  }
}
