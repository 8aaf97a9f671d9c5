/** Certificate stores of users, in their profile folders and in their parts of the registry, under guard. */
import { isAbsolute, resolve as normalized } from 'node:path';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { loadRegistry } from '../native/registry.js';
import { resolve } from '../store/disposition.js';
import { decodeEntry } from '../store/entry-file.js';
import { encodeElement } from '../store/serialized.js';
import type { AddDisposition, AddOutcome, DecideProperties, Properties, StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { breathe } from './breath.js';
import { storedName } from './entry-name.js';
import { create, exactFiles, inFolder, readEach } from './exact-files.js';
import type { GuardedStore } from './guarded-store.js';
import type { OpenRoot } from './held-folder.js';
import { hiveRoots, usersHive } from './held-key.js';
import type { Profile } from './profile.js';
import { readOne, type UseFile } from './read-file.js';
import { changing, changingOrCreating, type StorePlace } from './store-folder.js';
import { systemRoots } from './system-roots.js';

/**
 * Nothing is held open between the calls of its methods.
 * @param openRoot how the files are reached; by itself the system's way
 * @throws CertPropError ProfilesUnavailable, StoreUnavailable for a relative path
 */
export async function openProfileStore(
  { path }: Pick<Profile, 'path'>,
  storeName: 'My' | 'Request',
  openRoot?: OpenRoot,
): Promise<GuardedStore> {
  if (!isAbsolute(path)) {
    throw new CertPropError(
      'StoreUnavailable',
      `The profile path ${visible(path)} is relative. Give a full path.`,
      { file: path },
    );
  }
  const root = normalized(path);
  return guardedStore({
    openRoot: openRoot ?? (await systemRoots()),
    root,
    storesPath: inFolders,
    storeName,
  });
}

/**
 * The same in a user's part of the registry, which Windows loads while that user is signed in; otherwise every method of the store throws
 * CertPropError StoreUnavailable.
 * @param sid the user's security identifier, `S-1-…`
 */
export async function openHiveStore(sid: string, storeName: 'My' | 'Request'): Promise<GuardedStore> {
  const openRoot = hiveRoots(await loadRegistry());
  return guardedStore({ openRoot, root: `${usersHive}\\${sid}`, storesPath: inRegistry, storeName });
}

const inFolders = ['AppData', 'Roaming', 'Microsoft', 'SystemCertificates'];
const inRegistry = ['Software', 'Microsoft', 'SystemCertificates'];

function guardedStore(place: StorePlace): GuardedStore {
  const exact = exactFiles(place, 'Certificates');
  // Thousands of stores are opened: spreads took longer than all the rest of it.
  return {
    files: () => exact.files(),
    readExact: (name) => exact.readExact(name),
    removeExact: (name, bytes) => exact.removeExact(name, bytes),
    createExact: (name, bytes, rights) => exact.createExact(name, bytes, rights),
    keys: exactFiles(place, 'Keys'),
    name: place.storeName,
    keepsProperties: true,
    entries: (mayBeWanted) => readEach(place, 'Certificates', entryIf(mayBeWanted)),

    async find(thumbprint) {
      await breathe();
      return inFolder(place, 'Certificates', (folder) => readOne(folder, thumbprint, 'Read', storeEntry));
    },

    add: (certificate, properties, disposition) => add(place, certificate, properties, disposition),
    remove: (thumbprint, stillWanted) => remove(place, thumbprint, stillWanted),
  };
}

const storeEntry: UseFile<StoreEntry> = (name, bytes, _, path) => copyOf(entryIn(name, bytes, path));

/** Views of the bytes. */
function entryIn(name: string, bytes: Uint8Array, path: string): StoreEntry {
  return decodeEntry(path, name.toUpperCase(), bytes);
}

function copyOf({ thumbprint, certificate, properties }: StoreEntry): StoreEntry {
  const copies = new Map<number, Uint8Array>();
  for (const [id, value] of properties) copies.set(id, new Uint8Array(value));
  return { thumbprint, certificate: new Uint8Array(certificate), properties: copies };
}

/** Most entries of most stores are passed over; those are not even copied. */
function entryIf(
  mayBeWanted: (entry: StoreEntry) => boolean = () => true,
): UseFile<StoreEntry | 'PassedOver'> {
  return (name, bytes, _, path) => {
    const entry = entryIn(name, bytes, path);
    return mayBeWanted(entry) ? copyOf(entry) : 'PassedOver';
  };
}

function add(
  place: StorePlace,
  certificate: Uint8Array,
  properties: Properties | DecideProperties,
  disposition: AddDisposition,
): Promise<AddOutcome> {
  const thumbprint = thumbprintOf(certificate);
  return changingOrCreating(place, 'Certificates', (folder, staging) => {
    const isTaken = storedName(folder, thumbprint) !== null;
    const existing =
      isTaken && disposition !== 'Always' ? readOne(folder, thumbprint, 'Read', storeEntry) : null;
    const resolution = resolve(existing, certificate, properties, disposition);
    if (resolution === null) return 'Unchanged';
    const element = encodeElement(certificate, resolution.properties);
    if (create(folder, thumbprint, element, null, staging)) return 'Added';
    throw new CertPropError(
      'CertificateExists',
      `The certificate ${thumbprint} is already in ${visible(folder.path)}, and is not replaced there. Remove it first.`,
      { thumbprint },
    );
  });
}

async function remove(
  place: StorePlace,
  thumbprint: string,
  stillWanted: (entry: StoreEntry) => boolean,
): Promise<boolean> {
  const isRemoved = await changing(place, 'Certificates', (folder) =>
    readOne(folder, thumbprint, 'Remove', (name, bytes, file, path) =>
      stillWanted(storeEntry(name, bytes, file, path)) ? file.remove() : false,
    ),
  );
  return isRemoved ?? false;
}
