/** Reading one entry file in a held folder. */
import { CertPropError } from '../errors.js';
import { damaged } from '../store/entry-file.js';
import { maxElementBytes } from '../store/serialized.js';
import type { CorruptEntry } from '../store/store.js';
import { visible } from '../text.js';
import { isEntryName, isFoundByThumbprint, storedName } from './entry-name.js';
import { type Found, type HeldFile, type HeldFolder, using } from './held-folder.js';

/** What one file becomes. `name` is as it is stored; `bytes` and `file` are there only during the call. */
export type UseFile<T> = (name: string, bytes: Uint8Array, file: HeldFile, path: string) => T;

/** Every entry of a folder, one after another; what can't be read is a CorruptEntry. */
export function* readAll<T>(folder: HeldFolder, use: UseFile<T>): Iterable<T | CorruptEntry> {
  for (const found of folder.list()) {
    if (isEntryName(found.name)) yield readOrReport(folder, found, use);
  }
}

/**
 * Null when there is none.
 * @throws CertPropError MalformedStoreElement, StoreAccessDenied, StoreUnavailable, each with the thumbprint
 */
export function readOne<T>(
  folder: HeldFolder,
  thumbprint: string,
  purpose: 'Read' | 'Remove',
  use: UseFile<T>,
): T | null {
  if (!isEntryName(thumbprint)) return null;
  try {
    const name = storedName(folder, thumbprint);
    if (name === null) return null;
    requireFile(folder, name, folder.look(name)?.isFile ?? true);
    return readFile(folder, name, purpose, use);
  } catch (error) {
    throw error instanceof CertPropError ? error.with({ thumbprint: thumbprint.toUpperCase() }) : error;
  }
}

function readOrReport<T>(folder: HeldFolder, { name, isFile }: Found, use: UseFile<T>): T | CorruptEntry {
  try {
    requireFile(folder, name, isFile);
    if (!isFoundByThumbprint(folder, name)) {
      throw damaged(folder.pathOf(name), 'its name is not all in upper case, or another file has it too');
    }
    return readFile(folder, name, 'Read', use) ?? { name, problem: vanished(folder, name) };
  } catch (error) {
    if (error instanceof CertPropError) return { name, problem: error.message };
    throw error;
  }
}

function vanished(folder: HeldFolder, name: string): string {
  return `The store file ${visible(folder.pathOf(name))} vanished before it was read.`;
}

/** What is no file is not even opened: a device may act on it. */
function requireFile(folder: HeldFolder, name: string, isFile: boolean): void {
  if (!isFile) throw damaged(folder.pathOf(name), 'it is no regular file');
}

function readFile<T>(
  folder: HeldFolder,
  name: string,
  purpose: 'Read' | 'Remove',
  use: UseFile<T>,
): T | null {
  const path = folder.pathOf(name);
  const file = folder.openFile(name, purpose);
  if (file === null) return null;
  if (file === 'NoRegularFile') throw damaged(path, 'it is no regular file');
  return using(file, () => use(name, content(file, path), file, path));
}

function content(file: HeldFile, path: string): Uint8Array {
  if (file.links > 1) throw damaged(path, 'it is also known by another name (a hard link)');
  if (file.size > maxElementBytes) throw damaged(path, `it has more than ${maxElementBytes} bytes`);
  const bytes = file.read();
  if (bytes === null) throw damaged(path, 'another program is writing it');
  return bytes;
}
