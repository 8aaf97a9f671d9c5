/** Keys of a registry whose user may plant links, opened one by one and never through a link. */
import { type Key, keyAccess, type KeyAccess, type Registry, valueType } from '../native/registry.js';
import { storeError } from '../store/file-error.js';
import { errorCode } from '../store/retry.js';
import { linkRefused } from './held-folder.js';

export interface OpenKey {
  readonly registry: Registry;
  readonly key: Key;
  /** As a person names it. */
  readonly path: string;
}

/** ntifs.h and winnt.h: what makes a key a link is its value of this name, of type REG_LINK. */
const linkName = 'SymbolicLinkValue';
const longestLink = 64 * 1024;

/** Null when there is none. @throws CertPropError LinkInProfile */
export function openKey(parent: OpenKey, name: string, access: KeyAccess): OpenKey | null {
  const opened = openUnlessLink(parent, name, access);
  if (opened === 'Link') throw linkRefused(`${parent.path}\\${name}`, 'a link');
  return opened;
}

export function openUnlessLink(parent: OpenKey, name: string, access: KeyAccess): OpenKey | 'Link' | null {
  if (name === '' || name.includes('\\')) throw new TypeError('A name of one component is needed');
  const { registry } = parent;
  const path = `${parent.path}\\${name}`;
  return onPath(path, () => {
    const key = openOrNull(registry, parent.key, name, access);
    if (key === null) return null;
    let isHeld = false;
    try {
      if (isLink(registry, key)) return 'Link';
      isHeld = true;
      return { registry, key, path };
    } finally {
      if (!isHeld) registry.closeKey(key);
    }
  });
}

function isLink(registry: Registry, key: Key): boolean {
  const value = registry.value(key, linkName, longestLink);
  return value !== null && (value === 'TooLarge' || value.type === valueType.link);
}

function openOrNull(registry: Registry, parent: Key, name: string, access: KeyAccess): Key | null {
  try {
    return registry.openKey(parent, name, access);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** For changes. Null for a link, and for a key that is gone again. */
export function createOrOpen(parent: OpenKey, name: string): OpenKey | null {
  const { registry, path } = parent;
  try {
    return { registry, key: registry.createKey(parent.key, name), path: `${path}\\${name}` };
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const opened = openUnlessLink(parent, name, keyAccess.change);
  return opened === 'Link' ? null : opened;
}

/** The same key, opened for changes: an empty name stands for the key itself (RegOpenKeyExW). */
export function changing<T>({ registry, key, path }: OpenKey, work: (open: OpenKey) => T): T {
  const changeable = registry.openKey(key, '', keyAccess.change);
  try {
    return work({ registry, key: changeable, path });
  } finally {
    registry.closeKey(changeable);
  }
}

export function onPath<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storeError(error, path);
  }
}
