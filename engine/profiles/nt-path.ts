/** Paths as the object manager has them. */
import { win32 } from 'node:path';

/** UNICODE_STRING counts its bytes with 16 bits. */
const longestPath = 32_767;

/**
 * `C:\Users\ada` as `\??\C:\Users\ada`, `\\server\share` as `\??\UNC\server\share`; null for one that is no path of a file system, or
 * too long.
 * @param path a full path
 */
export function ntPath(path: string): string | null {
  const named = win32.toNamespacedPath(path);
  const isNamed = /^\\\\\?\\(?:[a-z]:\\|UNC\\[^\\]|Volume\{)/iu.test(named);
  return isNamed && !/[\0/]/u.test(named) && named.length <= longestPath ? `\\??\\${named.slice(4)}` : null;
}

/**
 * A volume's root, `\??\Volume{01234567-89ab-cdef-0123-456789abcdef}\`, or the folder `Profile` there, where FSLogix keeps what is in a
 * profile container; nothing else below a volume.
 */
export function isProfileVolume(path: string): boolean {
  return /^\\\?\?\\Volume\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}\\(?:Profile\\?)?$/iu.test(path);
}

/** For a name in a held folder: one component, of one file and not of one of its streams. */
export function isOneComponent(name: string): boolean {
  return !/^\.{0,2}$|[\\/:\0]/u.test(name);
}
