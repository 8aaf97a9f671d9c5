/**
 * Held files and folders on Windows. What is below a folder is opened by one name in its handle (NtCreateFile with RootDirectory), never
 * through a reparse point (FILE_OPEN_REPARSE_POINT); what it is, is asked of its own handle, on which everything is done then. A folder
 * that is held so can't be renamed, nor one above it: nobody else may delete meanwhile.
 */
import { win32 } from 'node:path';
import { CertPropError } from '../errors.js';
import type { FileHandle } from '../native/ntdll.js';
import type { WithRestore } from '../native/restore-privilege.js';
import { isStray, temporaryName } from '../store/atomic-file.js';
import type { LockAttempt } from '../store/lock-attempt.js';
import {
  ERROR_ACCESS_DENIED,
  ERROR_SHARING_VIOLATION,
  lockName,
  lockRefused,
} from '../store/lock-windows.js';
import { errorCode } from '../store/retry.js';
import { visible } from '../text.js';
import type { FileRights } from './guarded-store.js';
import { onPath, WindowsFile } from './held-file-windows.js';
import { type Found, type HeldFile, type HeldFolder, linkRefused, type Seen } from './held-folder.js';
import { ownerOnly, settable } from './nt-descriptor.js';
import { isOneComponent } from './nt-path.js';
import { ntStatus, statusError } from './nt-status.js';
import type { WindowsFiles } from './windows-files.js';
import { failure, type Held, hold, nullIfMissing } from './windows-held.js';
import * as requests from './windows-requests.js';

/** What all folders need. */
export interface WindowsSystem {
  readonly files: WindowsFiles;
  readonly withRestore: WithRestore;
}

/**
 * A folder that was opened, and nothing else.
 * @param name from its volume's root, as its children's names start with it; null where that is not certain
 */
export function entered(system: WindowsSystem, held: Held, path: string, name: string | null): WindowsFolder {
  if (held.facts.kind === 'Folder') return new WindowsFolder(system, held.handle, path, name);
  system.files.close(held.handle);
  throw linkRefused(path, held.facts.kind === 'Link' ? 'a link' : 'no folder');
}

class WindowsFolder implements HeldFolder {
  readonly path: string;
  readonly #system: WindowsSystem;
  readonly #files: WindowsFiles;
  readonly #handle: FileHandle;
  readonly #name: string | null;

  constructor(system: WindowsSystem, handle: FileHandle, path: string, name: string | null) {
    this.#system = system;
    this.#files = system.files;
    this.#handle = handle;
    this.path = path;
    this.#name = name;
  }

  pathOf(name: string): string {
    return win32.join(this.path, name);
  }

  openFolder(name: string): WindowsFolder | null {
    const path = this.pathOf(name);
    return onPath(path, () => {
      const held = this.#hold(name, requests.toHold);
      if (typeof held === 'number') return nullIfMissing(held, path);
      return entered(this.#system, held, path, held.facts.name);
    });
  }

  createFolder(name: string): WindowsFolder {
    const path = this.pathOf(name);
    return onPath(path, () => {
      const held = this.#hold(name, requests.toMakeFolder);
      if (held === ntStatus.nameCollision) return this.openFolder(name) ?? vanished(path);
      if (typeof held === 'number') throw failure(held, path);
      const folder = entered(this.#system, held, path, held.facts.name);
      try {
        this.#giveToOwner(held.handle);
        return folder;
      } catch (error) {
        folder.close();
        throw error;
      }
    });
  }

  /** Through a handle of its own: a handle has one listing. */
  *list(): Iterable<Found> {
    const held = onPath(this.path, () => hold(this.#files, this.#handle, '', requests.toHold));
    if (typeof held === 'number') throw failure(held, this.path);
    try {
      const records = this.#files.list(held.handle)[Symbol.iterator]();
      for (;;) {
        const next = onPath(this.path, () => records.next());
        if (next.done === true) return;
        yield { name: next.value.name, isFile: next.value.kind === 'File' };
      }
    } finally {
      this.#files.close(held.handle);
    }
  }

  look(name: string): Seen | null {
    const path = this.pathOf(name);
    return onPath(path, () => {
      const held = this.#hold(name, requests.toLook);
      if (typeof held === 'number') return nullIfMissing(held, path);
      this.#files.close(held.handle);
      return { isFile: held.facts.kind === 'File', identity: String(held.facts.index) };
    });
  }

  openFile(name: string, purpose: 'Read' | 'Remove'): HeldFile | 'NoRegularFile' | null {
    const path = this.pathOf(name);
    return onPath(path, () => {
      const held = this.#hold(name, purpose === 'Read' ? requests.toRead : requests.toRemove);
      if (held === ntStatus.fileIsFolder) return 'NoRegularFile';
      if (typeof held === 'number') return nullIfMissing(held, path);
      if (held.facts.kind === 'File') return new WindowsFile(this.#files, held.handle, path, held.facts);
      this.#files.close(held.handle);
      return 'NoRegularFile';
    });
  }

  createFile(name: string, bytes: Uint8Array, rights: FileRights | null, staging: WindowsFolder): boolean {
    const path = this.pathOf(name);
    return onPath(path, () => {
      const held = staging.#hold(temporaryName(), requests.toMakeFile);
      if (typeof held === 'number') throw failure(held, path);
      let isPlaced = false;
      try {
        if (rights === null) this.#giveToOwner(held.handle);
        else this.#setRights(held.handle, rights, path);
        this.#files.write(held.handle, bytes);
        if (!this.#files.moveTo(held.handle, this.#handle, name)) return false;
        if (this.look(name)?.identity !== String(held.facts.index)) return vanished(path);
        isPlaced = true;
        return true;
      } finally {
        if (!isPlaced) tryTo(() => this.#files.remove(held.handle));
        this.#files.close(held.handle);
      }
    });
  }

  removeStrays(): void {
    for (const { name, isFile } of this.list()) {
      if (isFile && isStray(name)) tryTo(() => this.#removeStray(name));
    }
  }

  lockAttempt(): Promise<() => LockAttempt> {
    return Promise.resolve(() => onPath(this.path, () => this.#tryLock()));
  }

  close(): void {
    this.#files.close(this.#handle);
  }

  /** What is not where its name says was reached through a link, whatever Windows calls it. */
  #hold(name: string, as: requests.OpenAs): Held | number {
    if (!isOneComponent(name)) throw new TypeError('A name of one component is needed');
    const held = hold(this.#files, this.#handle, name, as);
    if (typeof held === 'number' || this.#isPlaceOf(name, held.facts.name)) return held;
    return { ...held, facts: { ...held.facts, kind: 'Link' } };
  }

  #isPlaceOf(name: string, found: string): boolean {
    const [place, expected] = [found.toLowerCase(), `\\${name}`.toLowerCase()];
    return this.#name === null
      ? place.endsWith(expected)
      : place === `${this.#name.toLowerCase()}${expected}`;
  }

  #removeStray(name: string): void {
    const held = this.#hold(name, requests.toRemoveStray);
    if (typeof held === 'number') return;
    try {
      if (held.facts.kind === 'File') this.#files.remove(held.handle);
    } finally {
      this.#files.close(held.handle);
    }
  }

  #tryLock(): LockAttempt {
    const handle = this.#files.open({ folder: this.#handle, name: lockName, ...requests.toLock });
    if (typeof handle !== 'object') return { release: () => this.#files.close(handle) };
    switch (handle.status) {
      case ntStatus.sharingViolation:
        return lockRefused(this.path, ERROR_SHARING_VIOLATION);
      case ntStatus.accessDenied:
      case ntStatus.deletePending:
        return lockRefused(this.path, ERROR_ACCESS_DENIED);
      default:
        throw statusError(handle.status);
    }
  }

  /** Who may not make a file another's makes it their own. */
  #giveToOwner(handle: FileHandle): void {
    const owner = ownerOnly(this.#files.descriptor(this.#handle));
    if (owner !== null) this.#system.withRestore(() => this.#files.setOwner(handle, owner));
  }

  #setRights(handle: FileHandle, rights: FileRights, path: string): void {
    if (rights.kind !== 'Windows') throw new TypeError('Rights of another system, on Windows');
    const descriptor = settable(rights.descriptor);
    if (descriptor === null) throw damagedRights(path);
    const set = (): void => this.#files.setRights(handle, descriptor);
    if (this.#system.withRestore(set) === null) set();
  }
}

/** What stays is a stray, and goes next time. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (errorCode(error) === undefined && !(error instanceof CertPropError)) throw error;
  }
}

function vanished(path: string): never {
  throw new CertPropError(
    'StoreUnavailable',
    `${visible(path)} was exchanged while it was made. Look what else is at work in the profile, and run it again.`,
    { file: path },
  );
}

function damagedRights(path: string): CertPropError {
  return new CertPropError(
    'MalformedStoreElement',
    `The owner and access rights that were kept of ${visible(path)} are damaged, so it is not made.`,
    { file: path },
  );
}
