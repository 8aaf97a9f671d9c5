/** The files of one folder of a store, exactly as they are. */
import { CertPropError } from '../errors.js';
import { damaged } from '../store/entry-file.js';
import { maxElementBytes } from '../store/serialized.js';
import type { CorruptEntry } from '../store/store.js';
import { breathe, isBreathless } from './breath.js';
import { checkEntryName, storedName } from './entry-name.js';
import type { ExactFile, ExactFiles, FileRights } from './guarded-store.js';
import { type HeldFolder, using } from './held-folder.js';
import { readAll, readOne, type UseFile } from './read-file.js';
import {
  changing,
  changingOrCreating,
  type FolderName,
  openFolder,
  type StorePlace,
} from './store-folder.js';

export function exactFiles(place: StorePlace, folderName: FolderName): ExactFiles {
  return {
    files: () => readEach(place, folderName, exactFile),

    async readExact(name) {
      checkEntryName(name);
      await breathe();
      return inFolder(place, folderName, (folder) => readOne(folder, name, 'Read', exactFile));
    },

    async removeExact(name, bytes) {
      checkEntryName(name);
      await breathe();
      const outcome = await changing(place, folderName, (folder) => removeIfStill(folder, name, bytes));
      return outcome ?? 'Gone';
    },

    async createExact(name, bytes, rights) {
      checkEntryName(name);
      await breathe();
      return changingOrCreating(place, folderName, (folder, staging) =>
        create(folder, name, bytes, rights, staging) ? 'Created' : 'Exists',
      );
    },
  };
}

const exactFile: UseFile<ExactFile> = (name, bytes, file) => ({
  name,
  bytes: new Uint8Array(bytes),
  rights: file.rights(),
});

/** Every file of a folder for which `use` says something, streamed: what is passed over here costs no turn of those who listen. */
export async function* readEach<T>(
  place: StorePlace,
  folderName: FolderName,
  use: UseFile<T | 'PassedOver'>,
): AsyncIterable<T | CorruptEntry> {
  await breathe();
  const folder = openFolder(place, folderName);
  if (folder === null) return;
  try {
    for (const file of readAll(folder, use)) {
      if (file !== 'PassedOver') yield file;
      if (isBreathless()) await breathe();
    }
  } finally {
    folder.close();
  }
}

/** Null without the folder. */
export function inFolder<T>(
  place: StorePlace,
  folderName: FolderName,
  work: (folder: HeldFolder) => T,
): T | null {
  const folder = openFolder(place, folderName);
  return folder === null ? null : using(folder, work);
}

/** False when the name is taken, in whatever case and by whatever. */
export function create(
  folder: HeldFolder,
  name: string,
  bytes: Uint8Array,
  rights: FileRights | null,
  staging: HeldFolder,
): boolean {
  if (bytes.length > maxElementBytes) {
    throw damaged(folder.pathOf(name), `it has more than ${maxElementBytes} bytes`);
  }
  return storedName(folder, name) === null && folder.createFile(name, bytes, rights, staging);
}

function removeIfStill(folder: HeldFolder, name: string, bytes: Uint8Array): 'Removed' | 'Gone' | 'Changed' {
  try {
    const outcome = readOne(folder, name, 'Remove', (_, found, file) =>
      Buffer.compare(found, bytes) === 0 && file.remove() ? 'Removed' : 'Changed',
    );
    return outcome ?? 'Gone';
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'MalformedStoreElement') return 'Changed';
    throw error;
  }
}
