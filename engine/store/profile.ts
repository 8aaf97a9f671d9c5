/**
 * A store as Windows lays it out on disk, on any operating system:
 * `<storePath>/SystemCertificates/<store>/Certificates/<THUMBPRINT>`, one serialized element per file.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { removeFile, removeStrays, replaceFile } from './atomic-file.js';
import { resolve } from './disposition.js';
import { entryNames, readEntry } from './entry-file.js';
import { onPath } from './file-error.js';
import { withLock } from './lock.js';
import { errorCode } from './retry.js';
import { encodeElement } from './serialized.js';
import { checkStoreName } from './store-name.js';
import type {
  AddDisposition,
  AddOutcome,
  CertificateStore,
  CorruptEntry,
  DecideProperties,
  Properties,
  StoreEntry,
} from './store.js';

/**
 * @param storePath the folder that holds `SystemCertificates`, a full path; the first certificate creates it, but not the folder it is in
 * @throws CertPropError StoreNameInvalid, StoreUnavailable for a relative path
 */
export function profileStore(storePath: string, storeName: string): CertificateStore {
  checkStoreName(storeName);
  if (!isAbsolute(storePath)) throw relativePath(storePath);
  const store = join(storePath, 'SystemCertificates', storeName);
  const place: Place = { storePath, store, certificates: join(store, 'Certificates') };
  return {
    name: storeName,
    keepsProperties: true,
    entries: () => entries(place),
    find: (thumbprint) => find(place, thumbprint),
    add: (certificate, properties, disposition) => add(place, certificate, properties, disposition),
    remove: (thumbprint, stillWanted) => remove(place, thumbprint, stillWanted),
  };
}

interface Place {
  readonly storePath: string;
  /** The store's folder: it is locked, and holds the temporary files. */
  readonly store: string;
  readonly certificates: string;
}

async function* entries(place: Place): AsyncIterable<StoreEntry | CorruptEntry> {
  await requireFolder(place.storePath);
  const seen = new Set<string>();
  for (const name of await entryNames(place.certificates)) {
    const entry = seen.has(name.toUpperCase())
      ? { name, problem: `${name} holds a certificate that another file of the store holds too.` }
      : await readOrReport(place, name);
    seen.add(name.toUpperCase());
    if (entry !== null) yield entry;
  }
}

async function readOrReport(place: Place, name: string): Promise<StoreEntry | CorruptEntry | null> {
  try {
    return await readEntry(place.certificates, name);
  } catch (error) {
    if (error instanceof CertPropError) return { name, problem: error.message };
    throw error;
  }
}

async function find(place: Place, thumbprint: string): Promise<StoreEntry | null> {
  const name = await nameOf(place, thumbprint);
  if (name !== null) return readEntry(place.certificates, name);
  // The store path itself may be made later, what it is in may not.
  await requireFolder(dirname(place.storePath));
  return null;
}

async function add(
  place: Place,
  certificate: Uint8Array,
  properties: Properties | DecideProperties,
  disposition: AddDisposition,
): Promise<AddOutcome> {
  await makeFolders(place);
  return changing(place, async () => {
    const thumbprint = thumbprintOf(certificate);
    const name = await nameOf(place, thumbprint);
    const existing =
      name === null || disposition === 'Always' ? null : await readEntry(place.certificates, name);
    const resolution = resolve(existing, certificate, properties, disposition);
    if (resolution === null) return 'Unchanged';
    const element = encodeElement(certificate, resolution.properties);
    const path = join(place.certificates, name ?? thumbprint);
    await onPath(path, () => replaceFile(place.store, path, element));
    return name === null ? 'Added' : 'Replaced';
  });
}

async function remove(
  place: Place,
  thumbprint: string,
  stillWanted: (entry: StoreEntry) => boolean,
): Promise<boolean> {
  await requireFolder(place.storePath);
  // Where there is nothing to remove there may be no folder to lock either.
  if ((await nameOf(place, thumbprint)) === null) return false;
  return changing(place, async () => {
    const name = await nameOf(place, thumbprint);
    const entry = name === null ? null : await readEntry(place.certificates, name);
    if (name === null || entry === null || !stillWanted(entry)) return false;
    const path = join(place.certificates, name);
    return onPath(path, () => removeFile(path));
  });
}

/** Everything that writes runs here: under the lock any temporary file is one of a dead process. */
async function changing<T>(place: Place, work: () => Promise<T>): Promise<T> {
  return withLock(place.store, async () => {
    await onPath(place.store, () => removeStrays(place.store));
    return work();
  });
}

/** The entry's file, whose name may be in lower case where file names have case; null when there is none. */
async function nameOf(place: Place, thumbprint: string): Promise<string | null> {
  const names = await entryNames(place.certificates);
  return names.find((name) => name.toUpperCase() === thumbprint.toUpperCase()) ?? null;
}

/** One by one: a recursive mkdir answers ENOENT on a read-only file system. */
async function makeFolders(place: Place): Promise<void> {
  for (const folder of [place.storePath, dirname(place.store), place.store, place.certificates]) {
    await onPath(folder, async () => {
      try {
        await mkdir(folder, { mode: 0o700 });
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    });
  }
}

/** When certificates are looked for, a mistyped store path must not look like an empty store. */
async function requireFolder(path: string): Promise<void> {
  const stats = await onPath(path, () => stat(path));
  if (stats.isDirectory()) return;
  throw new CertPropError('StoreUnavailable', `${visible(path)} is no folder. Check the store path.`, {
    file: path,
  });
}

function relativePath(path: string): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    `The store path ${visible(path)} is relative. Give a full path.`,
    { file: path },
  );
}
