/** Certificates with their properties, out of a store that a person names: a folder that holds SystemCertificates, or a store file (.sst). */
import { stat } from 'node:fs/promises';
import { onPath } from './file-error.js';
import { profileStore } from './profile.js';
import { readStoreFile } from './serialized-store.js';
import type { CorruptEntry, StoreEntry } from './store.js';

/** Of a folder, the stores in which requests and certificates are. */
const storeNames = ['Request', 'My'] as const;

/**
 * @param path a full path
 * @throws CertPropError StoreUnavailable, StoreAccessDenied; MalformedStoreElement for a file that is no store
 */
export async function* entriesIn(path: string): AsyncGenerator<StoreEntry | CorruptEntry> {
  const isFolder = await onPath(path, async () => (await stat(path)).isDirectory());
  if (!isFolder) {
    yield* await readStoreFile(path);
    return;
  }
  for (const name of storeNames) yield* profileStore(path, name).entries();
}
