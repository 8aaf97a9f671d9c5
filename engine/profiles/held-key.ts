/**
 * A loaded user's registry (`HKEY_USERS\<SID>`) under the same guard as profile folders: its user may plant registry links in it. A key
 * stands for a folder; one of the keys that hold a value `Blob` stands for a file ([MS-GPEF] 2.2.1.1.1).
 */
import { CertPropError } from '../errors.js';
import { keyAccess, loadRegistry, type Registry, rootKey } from '../native/registry.js';
import type { LockAttempt } from '../store/lock-attempt.js';
import { errorCode } from '../store/retry.js';
import { maxElementBytes } from '../store/serialized.js';
import { visible } from '../text.js';
import {
  type Found,
  type HeldFile,
  type HeldFolder,
  linkRefused,
  type OpenRoot,
  type Seen,
} from './held-folder.js';
import { changing, createOrOpen, onPath, openKey, type OpenKey, openUnlessLink } from './open-key.js';

export const usersHive = 'HKEY_USERS';

/** Whether the user with this SID is signed in, as far as the registry tells. One that may not be opened is there. */
export async function isHiveLoaded(sid: string): Promise<boolean> {
  const registry = await loadRegistry();
  try {
    const hive = openKey(allUsers(registry), sid, keyAccess.read);
    if (hive !== null) registry.closeKey(hive.key);
    return hive !== null;
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'StoreAccessDenied') return true;
    throw error;
  }
}

/** Paths are `HKEY_USERS\<SID>`. */
export function hiveRoots(registry: Registry): OpenRoot {
  return (path) => {
    const sid = path.slice(`${usersHive}\\`.length);
    const hive = openKey(allUsers(registry), sid, keyAccess.read);
    if (hive === null) throw notLoaded(path);
    return new KeyFolder(hive);
  };
}

function allUsers(registry: Registry): OpenKey {
  return { registry, key: rootKey.users, path: usersHive };
}

class KeyFolder implements HeldFolder {
  readonly #open: OpenKey;

  constructor(open: OpenKey) {
    this.#open = open;
  }

  get path(): string {
    return this.#open.path;
  }

  pathOf(name: string): string {
    return `${this.path}\\${name}`;
  }

  openFolder(name: string): KeyFolder | null {
    const found = openKey(this.#open, name, keyAccess.read);
    return found === null ? null : new KeyFolder(found);
  }

  createFolder(name: string): KeyFolder {
    const existing = this.openFolder(name);
    if (existing !== null) return existing;
    const path = this.pathOf(name);
    const made = onPath(path, () => changing(this.#open, (folder) => createOrOpen(folder, name)));
    if (made === null) throw linkRefused(path, 'a link');
    return new KeyFolder(made);
  }

  /** A key without a Blob is nothing to Windows either. */
  *list(): Iterable<Found> {
    const { registry, key } = this.#open;
    for (let index = 0; ; index++) {
      const name = onPath(this.path, () => registry.subkeyName(key, index));
      if (name === null) return;
      const seen = this.look(name);
      if (seen !== null) yield { name, isFile: seen.isFile };
    }
  }

  look(name: string): Seen | null {
    const file = this.openFile(name, 'Read');
    if (file === null) return null;
    if (file === 'NoRegularFile') return { isFile: false, identity: identityOf(name) };
    file.close();
    return { isFile: true, identity: identityOf(name) };
  }

  openFile(name: string, purpose: 'Read' | 'Remove'): HeldFile | 'NoRegularFile' | null {
    const found = openUnlessLink(this.#open, name, purpose === 'Read' ? keyAccess.read : keyAccess.remove);
    if (found === null) return null;
    return found === 'Link' ? 'NoRegularFile' : holdBlob(found);
  }

  /** Not at once: a key without its Blob, which an end in between leaves, is filled the next time. */
  createFile(name: string, bytes: Uint8Array): boolean {
    const { registry } = this.#open;
    return onPath(this.pathOf(name), () =>
      changing(this.#open, (folder) => {
        const file = createOrOpen(folder, name);
        try {
          if (file === null || registry.value(file.key, blobName, 0) !== null) return false;
          registry.setBinary(file.key, blobName, bytes);
          return true;
        } finally {
          if (file !== null) registry.closeKey(file.key);
        }
      }),
    );
  }

  removeStrays(): void {
    // The registry has no temporary files.
  }

  /** Windows takes no lock for the registry's stores either. */
  lockAttempt(): Promise<() => LockAttempt> {
    return Promise.resolve(() => ({ release: () => undefined }));
  }

  close(): void {
    this.#open.registry.closeKey(this.#open.key);
  }
}

/** A key that holds a Blob. */
class BlobKey implements HeldFile {
  readonly links = 1;
  readonly size: number;
  readonly #open: OpenKey;
  /** Null when it is larger than any element. */
  readonly #blob: Uint8Array | null;

  constructor(open: OpenKey, blob: Uint8Array | 'TooLarge') {
    this.#open = open;
    this.#blob = blob === 'TooLarge' ? null : blob;
    this.size = this.#blob?.length ?? maxElementBytes + 1;
  }

  read(): Uint8Array | null {
    return this.#blob;
  }

  /** They are those of the key above, which each new key takes over. */
  rights(): null {
    return null;
  }

  remove(): boolean {
    const { registry, key, path } = this.#open;
    return onPath(path, () => {
      try {
        registry.deleteKey(key);
        return true;
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return false;
        throw error;
      }
    });
  }

  close(): void {
    this.#open.registry.closeKey(this.#open.key);
  }
}

const blobName = 'Blob';
/** Null for a key that holds none; a value of another type is no element, and is told as damaged. */
function holdBlob(open: OpenKey): HeldFile | null {
  const { registry, key, path } = open;
  let isHeld = false;
  try {
    const value = onPath(path, () => registry.value(key, blobName, maxElementBytes));
    if (value === null) return null;
    isHeld = true;
    return new BlobKey(open, value === 'TooLarge' ? value : value.bytes);
  } finally {
    if (!isHeld) registry.closeKey(key);
  }
}

/** Names of keys have no case. */
function identityOf(name: string): string {
  return name.toUpperCase();
}

function notLoaded(path: string): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    `${visible(path)} is not there: Windows loads a user's part of the registry at sign-in. Run it again while that user is signed in.`,
    { file: path },
  );
}
