/**
 * Damaged entries of Windows' stores. crypt32 passes over them in silence, and would write over them: so they are looked for where
 * they lie, in the registry and, for the current user, in files ([MS-GPEF] 2.2.1.1.1.1 has the format of both).
 */
import { join } from 'node:path';
import { CertPropError } from '../errors.js';
import { profileStore } from './profile.js';
import { loadRegistryBlobs, type RegistryBlobs } from './registry-blobs.js';
import { isCorrupt, type CorruptEntry } from './store.js';
import { entryOf } from './windows-entry.js';
import type { StoreIdentity } from './windows-error.js';

export interface DamagedEntries {
  list(store: StoreIdentity): Promise<readonly CorruptEntry[]>;
  /** @throws CertPropError MalformedStoreElement when the entry is there and damaged */
  check(store: StoreIdentity, thumbprint: string): Promise<void>;
}

export async function loadDamagedEntries(): Promise<DamagedEntries> {
  const registry = await loadRegistryBlobs();
  return {
    list: async (store) => [...(await inFiles(store)), ...inRegistry(registry, store)],
    async check(store, thumbprint) {
      const element = registry.blob(store, thumbprint);
      if (element !== null) entryOf(store, thumbprint, element);
      await checkFile(store, thumbprint);
    },
  };
}

function inRegistry(registry: RegistryBlobs, store: StoreIdentity): readonly CorruptEntry[] {
  return registry.thumbprints(store).flatMap((name) => {
    const element = registry.blob(store, name);
    const error = element === null ? null : malformation(() => entryOf(store, name, element));
    return error === null ? [] : [{ name, problem: error.message }];
  });
}

function malformation(read: () => unknown): CertPropError | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof CertPropError) return error;
    throw error;
  }
}

async function inFiles(store: StoreIdentity): Promise<readonly CorruptEntry[]> {
  const path = folderOf(store);
  if (path === null) return [];
  const corrupt: CorruptEntry[] = [];
  try {
    for await (const entry of profileStore(path, store.name).entries()) {
      if (isCorrupt(entry)) corrupt.push(entry);
    }
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
  }
  return corrupt;
}

async function checkFile(store: StoreIdentity, thumbprint: string): Promise<void> {
  const path = folderOf(store);
  if (path === null) return;
  try {
    await profileStore(path, store.name).find(thumbprint);
  } catch (error) {
    // Files that can't be read at all are nothing to crypt32 either: it has said what there is.
    if (error instanceof CertPropError && error.id !== 'MalformedStoreElement') return;
    throw error;
  }
}

/** The folder that holds SystemCertificates. */
function folderOf({ location }: StoreIdentity): string | null {
  const appData = process.env.APPDATA ?? '';
  return location === 'LocalMachine' || appData === '' ? null : join(appData, 'Microsoft');
}
