/** Folders with a protected access list: what the folder above would pass on does not count. */
import { isAdministrator, ownSid } from '../files/file-trust-windows.js';
import { loadKoffi } from '../native/koffi.js';
import { loadSystemLibrary } from '../native/system-library.js';

/** sddl.h, SDDL_REVISION_1. */
const revision = 1;
/** winerror.h. */
const ERROR_ALREADY_EXISTS = 183;
const errorNames: Readonly<Record<number, string>> = { 3: 'ENOENT', 5: 'EACCES', 19: 'EROFS', 112: 'ENOSPC' };

/** For SYSTEM and the administrators, as whose the folder counts; without an administrator's rights for this user too. */
async function descriptorText(): Promise<string> {
  const forAdministrators = 'D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';
  if (await isAdministrator()) return `O:BA${forAdministrators}`;
  const user = await ownSid();
  return `O:${user}${forAdministrators}(A;OICI;FA;;;${user})`;
}

/** @throws Error with a `code` as Node's own: EEXIST, EACCES, … */
export async function createPrivateFolder(path: string): Promise<void> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const convert: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall ConvertStringSecurityDescriptorToSecurityDescriptorW(str16 text, uint32_t revision, _Out_ void **descriptor, void *size)',
  );
  const createDirectory: (path: string, attributes: unknown) => number = kernel32.func(
    'int __stdcall CreateDirectoryW(str16 path, void *attributes)',
  );
  const lastError: () => number = kernel32.func('uint32_t __stdcall GetLastError()');
  const localFree: (memory: unknown) => unknown = kernel32.func('void *__stdcall LocalFree(void *memory)');

  const descriptor: unknown[] = [null];
  if (convert(await descriptorText(), revision, descriptor, null) === 0) {
    throw new Error('Windows refused the access list of a private folder');
  }
  // SECURITY_ATTRIBUTES (minwinbase.h): its size, the descriptor, whether handles are inherited.
  const attributes = Buffer.alloc(24);
  attributes.writeUInt32LE(attributes.length, 0);
  attributes.writeBigUInt64LE(koffi.address(descriptor[0]), 8);
  const isMade = createDirectory(path, attributes) !== 0;
  const code = isMade ? 0 : lastError();
  localFree(descriptor[0]);
  if (isMade) return;
  const name = code === ERROR_ALREADY_EXISTS ? 'EEXIST' : (errorNames[code] ?? `error ${code}`);
  throw Object.assign(new Error(`CreateDirectoryW: ${name}`), { code: name });
}
