/** Windows' right to make a file anybody's (SeRestorePrivilege), which administrators hold without having it in force. */
import { loadSystemLibrary } from './system-library.js';

/** winnt.h: TOKEN_ADJUST_PRIVILEGES and TOKEN_QUERY; SE_PRIVILEGE_ENABLED. */
const tokenAccess = 0x20 | 0x8;
const SE_PRIVILEGE_ENABLED = 2;
/** [MS-LSAD] 3.1.1.2.1. */
const SeRestorePrivilege = 18;
/** winerror.h: what AdjustTokenPrivileges leaves when a privilege is not held at all. */
const ERROR_NOT_ALL_ASSIGNED = 1300;
const thisProcess = -1;
/** TOKEN_PRIVILEGES with one: how many, the privilege (64 bits), its attributes. */
const privilegesBytes = 16;

/**
 * Does the work while the privilege is in force, which it is for the whole process and so is not for longer; null, without the work,
 * where it is not held.
 */
export type WithRestore = <T>(work: () => T) => { readonly result: T } | null;

export async function loadRestorePrivilege(): Promise<WithRestore> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const openProcessToken: (process: number, access: number, token: unknown[]) => number = advapi32.func(
    'int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)',
  );
  const adjust: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall AdjustTokenPrivileges(intptr_t token, int disableAll, void *wanted, uint32_t size, void *previous, _Out_ uint32_t *needed)',
  );
  const lastError: () => number = kernel32.func('uint32_t __stdcall GetLastError()');
  const closeHandle: (handle: unknown) => number = kernel32.func(
    'int __stdcall CloseHandle(intptr_t handle)',
  );

  return (work) => {
    const token: unknown[] = [0];
    if (openProcessToken(thisProcess, tokenAccess, token) === 0) return null;
    const previous = Buffer.alloc(privilegesBytes);
    try {
      const isSet = adjust(token[0], 0, enabled(), privilegesBytes, previous, [0]) !== 0;
      if (!isSet || lastError() === ERROR_NOT_ALL_ASSIGNED) return null;
      try {
        return { result: work() };
      } finally {
        // Names nothing where it was in force before.
        adjust(token[0], 0, previous, 0, null, [0]);
      }
    } finally {
      closeHandle(token[0]);
    }
  };
}

function enabled(): Buffer {
  const privileges = Buffer.alloc(privilegesBytes);
  privileges.writeUInt32LE(1, 0);
  privileges.writeUInt32LE(SeRestorePrivilege, 4);
  privileges.writeUInt32LE(SE_PRIVILEGE_ENABLED, 12);
  return privileges;
}
