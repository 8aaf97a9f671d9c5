/** How an entry's file is named: by 40 hex digits, in upper case where Windows named it. */
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import type { HeldFolder } from './held-folder.js';

export function isEntryName(name: string): boolean {
  return /^[0-9A-F]{40}$/iu.test(name);
}

/** @throws CertPropError MalformedStoreElement: the name may come from a backup's index */
export function checkEntryName(name: string): void {
  if (isEntryName(name)) return;
  throw new CertPropError(
    'MalformedStoreElement',
    `'${visible(name.slice(0, 64))}' is no name of a stored certificate.`,
  );
}

/**
 * The name of the entry's file, found without a look at the others; null when there is none. Where file names have case, a name in
 * upper and lower case is not found.
 */
export function storedName(folder: HeldFolder, name: string): string | null {
  const spellings = [name.toUpperCase(), name.toLowerCase()];
  return spellings.find((spelling) => folder.look(spelling) !== null) ?? null;
}

/** Whether the entry is found under its thumbprint: it is not, if another file has the same name in another case. */
export function isFoundByThumbprint(folder: HeldFolder, name: string): boolean {
  if (name === name.toUpperCase()) return true;
  const found = storedName(folder, name);
  return found !== null && folder.look(found)?.identity === folder.look(name)?.identity;
}
