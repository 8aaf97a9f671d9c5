/** Certificates with their properties, out of a store that a person names: a folder that holds SystemCertificates, or a store file (.sst). */
import { stat } from 'node:fs/promises';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { onPath } from './file-error.js';
import { profileStore } from './profile.js';
import { errorCode } from './retry.js';
import { readStoreFile } from './serialized-store.js';
import type { CorruptEntry, StoreEntry } from './store.js';

/** Of a folder, the stores in which requests and certificates are. */
const storeNames = ['Request', 'My'] as const;

/**
 * @param path a full path
 * @throws CertPropError StoreUnavailable, StoreAccessDenied; MalformedStoreElement for a file that is no store
 */
export async function* entriesIn(path: string): AsyncGenerator<StoreEntry | CorruptEntry> {
  if (!(await onPath(path, () => isFolder(path)))) {
    yield* await readStoreFile(path);
    return;
  }
  for (const name of storeNames) yield* profileStore(path, name).entries();
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    const message = `${visible(path)} does not exist. Name a folder that holds SystemCertificates, or a store file (.sst).`;
    throw new CertPropError('StoreUnavailable', message, { file: path }, { cause });
  }
}
