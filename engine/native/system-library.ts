/** Windows' own libraries, which are loaded from the system folder and from nowhere else. */
import { win32 } from 'node:path';
import { type Koffi, loadKoffi } from './koffi.js';

export type NativeLibrary = ReturnType<Koffi['load']>;

/** libloaderapi.h, LOAD_LIBRARY_SEARCH_SYSTEM32. */
const searchSystemFolder = 0x800;

/** minwindef.h, MAX_PATH. */
const longestPath = 260;

let searchRestricted = false;

/**
 * Loads one of Windows' own libraries by its full path. From the first such call on, what libraries need besides themselves is searched
 * in the system folder only: neither in node.exe's own folder nor in the working directory (SetDefaultDllDirectories).
 * @param name the library's file name in the system folder
 */
export async function loadSystemLibrary(name: string): Promise<NativeLibrary> {
  const koffi = await loadKoffi();
  if (!searchRestricted) {
    const setDirectories: (flags: number) => number = kernel32(koffi).func(
      'int __stdcall SetDefaultDllDirectories(uint32_t flags)',
    );
    if (setDirectories(searchSystemFolder) === 0) throw new Error('Windows refused SetDefaultDllDirectories');
    searchRestricted = true;
  }
  return openSystemLibrary(koffi, name);
}

/** The same without a word on where others are searched: for the helper process, whose foreign libraries lie in folders of their own. */
export function openSystemLibrary(koffi: Koffi, name: string): NativeLibrary {
  return koffi.load(`${systemFolder(koffi)}\\${name}`);
}

/** `C:\Windows`: the folder above the system folder, not what an environment variable says. */
export async function windowsFolder(): Promise<string> {
  return win32.dirname(systemFolder(await loadKoffi()));
}

/** As Windows says it (GetSystemDirectoryW), not an environment variable. */
function systemFolder(koffi: Koffi): string {
  const getSystemDirectory: (buffer: Uint8Array, units: number) => number = kernel32(koffi).func(
    'uint32_t __stdcall GetSystemDirectoryW(void *buffer, uint32_t units)',
  );
  const buffer = Buffer.alloc(2 * longestPath);
  const units = getSystemDirectory(buffer, longestPath);
  if (units === 0 || units >= longestPath) throw new Error('Windows does not name its system folder');
  return buffer.toString('utf16le', 0, 2 * units);
}

/** One of the system's known DLLs, always loaded from its own folder, and loaded already. */
function kernel32(koffi: Koffi): NativeLibrary {
  return koffi.load('kernel32.dll');
}
