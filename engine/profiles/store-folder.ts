/** The way from a profile's root to a store's folders, held step by step. */
import { whileLocked } from '../store/lock.js';
import { type HeldFolder, type OpenRoot, stepByStep, using } from './held-folder.js';

export interface StorePlace {
  readonly openRoot: OpenRoot;
  /** A profile's root, a full path; or a loaded user's part of the registry. */
  readonly root: string;
  /** The folders from there to the one of all stores. */
  readonly storesPath: readonly string[];
  readonly storeName: string;
}

/** What lies in a store's folder: the certificates, and the links from keys to their containers. */
export type FolderName = 'Certificates' | 'Keys';

/** Null when a folder on the way does not exist; the root must. To be closed. */
export function openFolder(
  { openRoot, root, storesPath, storeName }: StorePlace,
  folder: FolderName,
): HeldFolder | null {
  const way = [...storesPath, storeName, folder];
  return using(openRoot(root), (held) =>
    held.openPath === undefined ? stepByStep(held, way) : held.openPath(way),
  );
}

/** Under the store's lock, where any temporary file is one of a dead process. Null when a folder on the way does not exist. */
export function changing<T>(
  place: StorePlace,
  folder: FolderName,
  work: (folder: HeldFolder, staging: HeldFolder) => T,
): Promise<T | null> {
  return changeBelow(place, folder, openBelow, work);
}

/** The same, with missing folders made. */
export async function changingOrCreating<T>(
  place: StorePlace,
  folder: FolderName,
  work: (folder: HeldFolder, staging: HeldFolder) => T,
): Promise<T> {
  const done = await changeBelow(place, folder, createBelow, (...folders) => ({ result: work(...folders) }));
  if (done === null) throw new TypeError('A folder was made, and is not there');
  return done.result;
}

type Step = (folder: HeldFolder, name: string) => HeldFolder | null;

const openBelow: Step = (folder, name) => folder.openFolder(name);
const createBelow: Step = (folder, name) => folder.createFolder(name);

async function changeBelow<T>(
  place: StorePlace,
  folderName: FolderName,
  step: Step,
  work: (folder: HeldFolder, staging: HeldFolder) => T,
): Promise<T | null> {
  const store = descend(place, [...place.storesPath, place.storeName], step);
  if (store === null) return null;
  try {
    return await whileLocked(await store.lockAttempt(), () => {
      store.removeStrays();
      const folder = step(store, folderName);
      return Promise.resolve(folder === null ? null : using(folder, () => work(folder, store)));
    });
  } finally {
    store.close();
  }
}

/** Holds one folder at a time; the one that is reached stays open. */
function descend({ openRoot, root }: StorePlace, names: readonly string[], step: Step): HeldFolder | null {
  return names.reduce<HeldFolder | null>(
    (folder, name) => (folder === null ? null : using(folder, () => step(folder, name))),
    openRoot(root),
  );
}
