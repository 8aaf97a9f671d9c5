/**
 * Held files and folders on Linux: each component is opened with O_NOFOLLOW, and what is below it is named through its descriptor,
 * `/proc/self/fd/<descriptor>/<name>`. The kernel goes from the descriptor to the folder itself, as openat(2) does, so no path is walked
 * again (proc_pid_fd(5)). Where the kernel has openat2(2), several components are opened by that in one call, and files too.
 */
import * as fs from 'node:fs';
import { CertPropError } from '../errors.js';
import type { OpenBelow } from '../native/openat2.js';
import { isStray, temporaryName } from '../store/atomic-file.js';
import { storeError } from '../store/file-error.js';
import type { LockAttempt } from '../store/lock-attempt.js';
import { errorCode } from '../store/retry.js';
import { visible } from '../text.js';
import type { FileRights } from './guarded-store.js';
import {
  type Found,
  type HeldFile,
  type HeldFolder,
  linkRefused,
  notSupported,
  type OpenRoot,
  type Seen,
  stepByStep,
  using,
} from './held-folder.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = fs.constants;
const folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const fileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
const newFileFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
const permissionBits = 0o7777;

/**
 * @param openBelow null: without openat2(2)
 * @throws CertPropError ProfilesUnavailable without /proc
 */
export function linuxRoots(openBelow: OpenBelow | null): OpenRoot {
  if (!fs.existsSync('/proc/self/fd')) throw notSupported('/proc is not there');
  // A separator at the path's end would have a link followed; full paths have none.
  return (path) => onPath(path, () => new LinuxFolder(openFolderItself(path, path), path, openBelow));
}

class LinuxFolder implements HeldFolder {
  readonly path: string;
  readonly #descriptor: number;
  readonly #openBelow: OpenBelow | null;

  constructor(descriptor: number, path: string, openBelow: OpenBelow | null) {
    this.#descriptor = descriptor;
    this.path = path;
    this.#openBelow = openBelow;
  }

  pathOf(name: string): string {
    return `${this.path === '/' ? '' : this.path}/${name}`;
  }

  openFolder(name: string): LinuxFolder | null {
    const reached = this.#reach(name);
    try {
      const descriptor = openFolderItself(reached, this.pathOf(name));
      return new LinuxFolder(descriptor, this.pathOf(name), this.#openBelow);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      throw storeError(error, this.pathOf(name));
    }
  }

  /** What can't be opened at once is gone through step by step, which finds out where it fails. */
  openPath(names: readonly string[]): HeldFolder | null {
    if (this.#openBelow === null) return stepByStep(this, names);
    const below = names.join('/');
    try {
      const descriptor = this.#openBelow(this.#descriptor, below, folderFlags);
      return new LinuxFolder(descriptor, this.pathOf(below), this.#openBelow);
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
    const listing = onPath(this.path, () => fs.opendirSync(`/proc/self/fd/${this.#descriptor}`));
    try {
      for (;;) {
        const entry = onPath(this.path, () => listing.readSync());
        if (entry === null) return;
        yield { name: entry.name, isFile: entry.isFile() };
      }
    } finally {
      listing.closeSync();
    }
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
        this.#openBelow === null
          ? fs.openSync(reached, fileFlags)
          : this.#openBelow(this.#descriptor, name, fileFlags),
      );
      return typeof descriptor === 'number' ? holdFile(descriptor, reached) : descriptor;
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

function holdFile(descriptor: number, reached: string): HeldFile | 'NoRegularFile' {
  let isHeld = false;
  try {
    const stats = fs.fstatSync(descriptor);
    isHeld = stats.isFile();
    return isHeld ? new LinuxFile(descriptor, reached, stats) : 'NoRegularFile';
  } finally {
    if (!isHeld) fs.closeSync(descriptor);
  }
}

/** Not made of closures: making them took a tenth of the time of reading. */
class LinuxFile implements HeldFile {
  readonly links: number;
  readonly size: number;
  readonly #descriptor: number;
  readonly #reached: string;
  readonly #stats: fs.Stats;

  constructor(descriptor: number, reached: string, stats: fs.Stats) {
    this.links = stats.nlink;
    this.size = stats.size;
    this.#descriptor = descriptor;
    this.#reached = reached;
    this.#stats = stats;
  }

  read(): Uint8Array | null {
    return readExactly(this.#descriptor, this.size);
  }

  rights(): FileRights {
    const { uid, gid, mode } = this.#stats;
    return { kind: 'Posix', uid, gid, mode: mode & permissionBits };
  }

  remove(): boolean {
    const held = fs.fstatSync(this.#descriptor, { bigint: true });
    const named = fs.lstatSync(this.#reached, { bigint: true, throwIfNoEntry: false });
    return named !== undefined && identityOf(held) === identityOf(named) && unlinkIfThere(this.#reached);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
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

/** For most files; a buffer for each costs more than reading it. */
const scratch = new Uint8Array(64 * 1024);

/** One more byte is asked for: the file may have grown. */
function readExactly(descriptor: number, size: number): Uint8Array | null {
  const buffer = size < scratch.length ? scratch : new Uint8Array(size + 1);
  let length = 0;
  while (length < size) {
    const count = fs.readSync(descriptor, buffer, length, size + 1 - length, null);
    if (count === 0) return null;
    length += count;
  }
  return length === size ? buffer.subarray(0, size) : null;
}

/** @returns the new file's identity */
function writeNewFile(reached: string, bytes: Uint8Array, rights: FileRights | null): string {
  const descriptor = fs.openSync(reached, newFileFlags, 0o600);
  return using({ close: () => fs.closeSync(descriptor) }, () => {
    fs.writeFileSync(descriptor, bytes);
    if (rights !== null) setRights(descriptor, rights);
    fs.fsyncSync(descriptor);
    return identityOf(fs.fstatSync(descriptor, { bigint: true }));
  });
}

/** The owner first: a change of it takes the set-user-id bit away. */
function setRights(descriptor: number, rights: FileRights): void {
  if (rights.kind !== 'Posix') throw new TypeError('Rights of Windows, on Linux');
  const { uid, gid } = fs.fstatSync(descriptor);
  if (uid !== rights.uid || gid !== rights.gid) fs.fchownSync(descriptor, rights.uid, rights.gid);
  fs.fchmodSync(descriptor, rights.mode);
}

function unlinkIfThere(reached: string): boolean {
  return (
    nullIfMissing(() => {
      fs.unlinkSync(reached);
      return true;
    }) ?? false
  );
}

/** What stays is a stray, and goes next time. */
function tryToUnlink(reached: string): void {
  try {
    fs.unlinkSync(reached);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

function identityOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev}:${ino}`;
}

/** False when the operation made something; true when its name was taken. */
function isTaken(make: () => void): boolean {
  try {
    make();
    return false;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return true;
    throw error;
  }
}

function nullIfMissing<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
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
