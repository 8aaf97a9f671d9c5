/** What Windows says of a file's security, and of this process's rights. */
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

/** The group Administrators is in force for this process (shlobj_core.h, IsUserAnAdmin). */
export async function isAdministrator(): Promise<boolean> {
  const shell32 = await loadSystemLibrary('shell32.dll');
  const isUserAnAdmin: () => number = shell32.func('int __stdcall IsUserAnAdmin()');
  return isUserAnAdmin() !== 0;
}
