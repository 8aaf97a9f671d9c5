/** What HKEY_LOCAL_MACHINE says of authorities and of cards. Nothing is changed. */
import { keyAccess, loadRegistry, rootKey, type Key, type Registry } from '../native/registry.js';
import type { PersistedCache } from './facts.js';

const ntAuthKey = 'SOFTWARE\\Microsoft\\EnterpriseCertificates\\NTAuth\\Certificates';
const cacheKey = 'SOFTWARE\\Microsoft\\Cryptography\\Calais\\Cache';
const mostAuthorities = 4096;
const mostItems = 256;
const deepestKey = 4;

/** Each certificate is a key whose name is its thumbprint. */
export async function readNtAuth(): Promise<ReadonlySet<string>> {
  const registry = await loadRegistry();
  return withKey(registry, rootKey.localMachine, ntAuthKey, new Set<string>(), (key) => {
    const names = numbered((index) => registry.subkeyName(key, index), mostAuthorities);
    return new Set(names.map((name) => name.toUpperCase()));
  });
}

/** Items are values, in keys whose layout is documented nowhere: each value is named by its path. */
export async function readPersistedCache(): Promise<PersistedCache> {
  const registry = await loadRegistry();
  const names: string[] = [];
  withKey(registry, rootKey.localMachine, cacheKey, undefined, (key) => {
    collect(registry, key, '', 0, names);
  });
  return { names: names.slice(0, mostItems), isPart: names.length > mostItems };
}

function collect(registry: Registry, key: Key, path: string, depth: number, names: string[]): void {
  const left = mostItems + 1 - names.length;
  const values = numbered((index) => registry.valueName(key, index), left);
  names.push(...values.map((name) => path + name));
  if (depth === deepestKey) return;
  for (const name of numbered((index) => registry.subkeyName(key, index), mostItems)) {
    if (names.length > mostItems) return;
    withKey(registry, key, name, undefined, (subkey) => {
      collect(registry, subkey, `${path}${name}\\`, depth + 1, names);
    });
  }
}

function numbered(nameAt: (index: number) => string | null, most: number): string[] {
  const names: string[] = [];
  for (let index = 0; index < most; index++) {
    const name = nameAt(index);
    if (name === null) break;
    names.push(name);
  }
  return names;
}

/** @param absent the answer where there is no such key */
function withKey<T>(registry: Registry, parent: Key, name: string, absent: T, work: (key: Key) => T): T {
  let key: Key;
  try {
    key = registry.openKey(parent, name, keyAccess.read);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return absent;
    throw error;
  }
  try {
    return work(key);
  } finally {
    registry.closeKey(key);
  }
}
