/** What Windows says of a file's security, and of this process's rights. */
import { loadKoffi } from '../native/koffi.js';
import { loadSystemLibrary } from '../native/system-library.js';

/** winnt.h, SECURITY_INFORMATION. */
const OWNER_SECURITY_INFORMATION = 1;
const DACL_SECURITY_INFORMATION = 4;
/** The longest: an access control list has at most 65,535 bytes. */
const descriptorSize = 0x20000;

/**
 * A file's or folder's security descriptor in self-relative form (GetFileSecurityW, with owner and access control list); empty if it
 * can't be read.
 */
export async function fileSecurity(): Promise<(path: string) => Uint8Array> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const getFileSecurity: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall GetFileSecurityW(str16 name, uint32_t wanted, void *descriptor, uint32_t size, _Out_ uint32_t *needed)',
  );
  const wanted = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  return (path) => {
    const descriptor = Buffer.alloc(descriptorSize);
    const needed = [0];
    const isRead = getFileSecurity(path, wanted, descriptor, descriptorSize, needed) !== 0;
    return isRead ? descriptor.subarray(0, needed[0]) : new Uint8Array();
  };
}

/** winnt.h, WELL_KNOWN_SID_TYPE: WinBuiltinAdministratorsSid; SECURITY_MAX_SID_SIZE. */
const administratorsGroup = 26;
const longestSid = 68;

/** The group Administrators is in force for this process (CheckTokenMembership). */
export async function isAdministrator(): Promise<boolean> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const createSid: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall CreateWellKnownSid(int kind, void *domain, void *sid, _Inout_ uint32_t *size)',
  );
  const checkMembership: (token: number, sid: Uint8Array, isMember: [number]) => number = advapi32.func(
    'int __stdcall CheckTokenMembership(intptr_t token, void *sid, _Out_ int *isMember)',
  );
  const sid = Buffer.alloc(longestSid);
  const isMember: [number] = [0];
  if (
    createSid(administratorsGroup, null, sid, [longestSid]) === 0 ||
    checkMembership(0, sid, isMember) === 0
  ) {
    throw new Error('Windows does not say whether this process has an administrator’s rights');
  }
  return isMember[0] !== 0;
}

/** winnt.h: TOKEN_QUERY; TOKEN_INFORMATION_CLASS, TokenUser. */
const TOKEN_QUERY = 8;
const tokenUser = 1;
/** TOKEN_USER with the longest SID, which has 68 bytes. */
const tokenUserSize = 128;
const thisProcess = -1;

/** The SID of the user as whom this process runs: `S-1-5-21-…` (OpenProcessToken, GetTokenInformation). */
export async function ownSid(): Promise<string> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const openProcessToken: (process: number, access: number, token: unknown[]) => number = advapi32.func(
    'int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)',
  );
  const getTokenInformation: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall GetTokenInformation(intptr_t token, int wanted, void *buffer, uint32_t size, _Out_ uint32_t *needed)',
  );
  const convertSid: (sid: unknown, text: unknown[]) => number = advapi32.func(
    'int __stdcall ConvertSidToStringSidW(void *sid, _Out_ void **text)',
  );
  const closeHandle: (handle: unknown) => number = kernel32.func(
    'int __stdcall CloseHandle(intptr_t handle)',
  );
  const localFree: (memory: unknown) => unknown = kernel32.func('void *__stdcall LocalFree(void *memory)');

  const token = [0];
  if (openProcessToken(thisProcess, TOKEN_QUERY, token) === 0)
    throw new Error('Windows refused OpenProcessToken');
  const user = Buffer.alloc(tokenUserSize);
  const isRead = getTokenInformation(token[0], tokenUser, user, user.length, [0]) !== 0;
  closeHandle(token[0]);
  const text: unknown[] = [null];
  if (!isRead || convertSid(koffi.decode(user, 'void *'), text) === 0) {
    throw new Error('Windows does not name the user of this process');
  }
  const sid: unknown = koffi.decode(text[0], 'char16_t', -1);
  localFree(text[0]);
  return String(sid);
}
