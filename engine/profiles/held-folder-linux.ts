/**
 * Held folders on Linux: each component is opened with O_NOFOLLOW, and what is below it is named through its descriptor,
 * `/proc/self/fd/<descriptor>/<name>`. The kernel goes from the descriptor to the folder itself, as openat(2) does, so no path is walked
 * again (proc_pid_fd(5)). Where the kernel has openat2(2), several components are opened by that in one call, and files too.
 */
import * as fs from 'node:fs';
import { CertPropError } from '../errors.js';
import type { LinuxCalls } from '../native/linux-calls.js';
import { isStray, temporaryName } from '../store/atomic-file.js';
import { storeError } from '../store/file-error.js';
import type { LockAttempt } from '../store/lock-attempt.js';
import { errorCode } from '../store/retry.js';
import { visible } from '../text.js';
import type { FileRights } from './guarded-store.js';
import { holdFile, identityOf, isTaken, nodeCalls, tryToUnlink, writeNewFile } from './held-file-linux.js';
import {
  type Found,
  type HeldFile,
  type HeldFolder,
  linkRefused,
  notSupported,
  type OpenRoot,
  type Seen,
  stepByStep,
} from './held-folder.js';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = fs.constants;
const folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/**
 * @param calls null: without openat2(2)
 * @throws CertPropError ProfilesUnavailable without /proc
 */
export function linuxRoots(calls: LinuxCalls | null): OpenRoot {
  if (!fs.existsSync('/proc/self/fd')) throw notSupported('/proc is not there');
  // A separator at the path's end would have a link followed; full paths have none.
  return (path) => onPath(path, () => new LinuxFolder(openFolderItself(path, path), path, calls));
}

class LinuxFolder implements HeldFolder {
  readonly path: string;
  readonly #descriptor: number;
  readonly #calls: LinuxCalls | null;

  constructor(descriptor: number, path: string, calls: LinuxCalls | null) {
    this.#descriptor = descriptor;
    this.path = path;
    this.#calls = calls;
  }

  pathOf(name: string): string {
    return `${this.path === '/' ? '' : this.path}/${name}`;
  }

  openFolder(name: string): LinuxFolder | null {
    const reached = this.#reach(name);
    try {
      const descriptor = openFolderItself(reached, this.pathOf(name));
      return new LinuxFolder(descriptor, this.pathOf(name), this.#calls);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw storeError(error, this.pathOf(name));
    }
  }

  /** What can't be opened at once is gone through step by step, which finds out where it fails. */
  openPath(names: readonly string[]): HeldFolder | null {
    if (this.#calls === null) return stepByStep(this, names);
    const below = names.join('/');
    try {
      const descriptor = this.#calls.open(this.#descriptor, below, folderFlags);
      return new LinuxFolder(descriptor, this.pathOf(below), this.#calls);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return errorCode(error) === 'ENOENT' ? null : stepByStep(this, names);
    }
  }

  createFolder(name: string): LinuxFolder {
    return onPath(this.pathOf(name), () => {
      const isNew = !isTaken(() => fs.mkdirSync(this.#reach(name), { mode: 0o700 }));
      const folder = this.openFolder(name);
      if (folder === null) throw vanished(this.pathOf(name));
      try {
        if (isNew) folder.#giveTo(this.#owner());
        return folder;
      } catch (error) {
        folder.close();
        throw error;
      }
    });
  }

  *list(): Iterable<Found> {
    try {
      if (this.#calls === null) yield* listThroughProc(this.#descriptor);
      else yield* this.#listFast(this.#calls);
    } catch (error) {
      throw storeError(error, this.path);
    }
  }

  *#listFast(calls: LinuxCalls): Iterable<Found> {
    for (const { name, type } of calls.list(this.#descriptor))
      yield { name, isFile: type === 'Unknown' ? this.look(name)?.isFile === true : type === 'File' };
  }

  look(name: string): Seen | null {
    const stats = onPath(this.pathOf(name), () =>
      fs.lstatSync(this.#reach(name), { bigint: true, throwIfNoEntry: false }),
    );
    return stats === undefined ? null : { isFile: stats.isFile(), identity: identityOf(stats) };
  }

  openFile(name: string): HeldFile | 'NoRegularFile' | null {
    const reached = this.#reach(name);
    try {
      const descriptor = openUnlessLink(() =>
        this.#calls === null
          ? fs.openSync(reached, fileFlags)
          : this.#calls.open(this.#descriptor, name, fileFlags),
      );
      return typeof descriptor === 'number'
        ? holdFile(descriptor, reached, this.#calls ?? nodeCalls)
        : descriptor;
    } catch (error) {
      throw storeError(error, this.pathOf(name));
    }
  }

  createFile(name: string, bytes: Uint8Array, rights: FileRights | null, staging: LinuxFolder): boolean {
    const temporary = staging.#reach(temporaryName());
    return onPath(this.pathOf(name), () => {
      try {
        const identity = writeNewFile(temporary, bytes, rights ?? this.#rightsOfNewFile());
        if (isTaken(() => fs.linkSync(temporary, this.#reach(name)))) return false;
        if (this.look(name)?.identity !== identity) throw vanished(this.pathOf(name));
      } finally {
        tryToUnlink(temporary);
      }
      fs.fsyncSync(this.#descriptor);
      return true;
    });
  }

  removeStrays(): void {
    for (const { name } of this.list()) {
      if (isStray(name)) tryToUnlink(this.#reach(name));
    }
  }

  async lockAttempt(): Promise<() => LockAttempt> {
    const { loadTryLock } = await import('../store/lock-posix.js');
    const tryLock = await loadTryLock();
    return () => tryLock(`/proc/self/fd/${this.#descriptor}`, this.path);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #reach(name: string): string {
    if (/^\.{0,2}$|\//u.test(name)) throw new TypeError('A name of one component is needed');
    return `/proc/self/fd/${this.#descriptor}/${name}`;
  }

  #owner(): Owner {
    return fs.fstatSync(this.#descriptor);
  }

  /** Only root can make a file another's. */
  #rightsOfNewFile(): FileRights | null {
    if (process.geteuid?.() !== 0) return null;
    const { uid, gid } = this.#owner();
    return { kind: 'Posix', uid, gid, mode: 0o600 };
  }

  /** Not if something is in it: then it is another folder than the one that was made, put in its place. */
  #giveTo({ uid, gid }: Owner): void {
    if (process.geteuid?.() !== 0) return;
    if ([...this.list()].length > 0) throw vanished(this.path);
    fs.fchownSync(this.#descriptor, uid, gid);
  }
}

type Owner = Pick<fs.Stats, 'uid' | 'gid'>;

function* listThroughProc(descriptor: number): Iterable<Found> {
  const listing = fs.opendirSync(`/proc/self/fd/${descriptor}`);
  try {
    for (let entry = listing.readSync(); entry !== null; entry = listing.readSync())
      yield { name: entry.name, isFile: entry.isFile() };
  } finally {
    listing.closeSync();
  }
}

function openFolderItself(reached: string, path: string): number {
  try {
    return fs.openSync(reached, folderFlags);
  } catch (error) {
    // What O_DIRECTORY and O_NOFOLLOW say to a link and to a file.
    if (errorCode(error) !== 'ENOTDIR' && errorCode(error) !== 'ELOOP') throw error;
    const isLink = fs.lstatSync(reached, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
    throw linkRefused(path, isLink ? 'a link' : 'no folder');
  }
}

function openUnlessLink(open: () => number): number | 'NoRegularFile' | null {
  try {
    return open();
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENOENT':
        return null;
      // A link; a socket, or a device without a driver.
      case 'ELOOP':
      case 'ENXIO':
      case 'ENODEV':
        return 'NoRegularFile';
      default:
        throw error;
    }
  }
}

function onPath<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw storeError(error, path);
  }
}

function vanished(path: string): CertPropError {
  return new CertPropError(
    'StoreUnavailable',
    `${visible(path)} was exchanged while it was made. Look what else is at work in the profile, and run it again.`,
    { file: path },
  );
}
