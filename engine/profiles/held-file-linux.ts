/** Files held open on Linux. */
import * as fs from 'node:fs';
import type { FileCalls, FileFacts } from '../native/linux-files.js';
import { errorCode } from '../store/retry.js';
import type { FileRights } from './guarded-store.js';
import { type HeldFile, using } from './held-folder.js';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
const newFileFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
const permissionBits = 0o7777;

/** Where the system's own are not there. */
export const nodeCalls: FileCalls = {
  look(descriptor) {
    const stats = fs.fstatSync(descriptor);
    const { nlink: links, size, uid, gid, mode } = stats;
    return { isFile: stats.isFile(), links, size, uid, gid, mode: mode & permissionBits };
  },
  read: (descriptor, into, count) => fs.readSync(descriptor, into, 0, count, null),
};

export function holdFile(descriptor: number, reached: string, calls: FileCalls): HeldFile | 'NoRegularFile' {
  let isHeld = false;
  try {
    const facts = calls.look(descriptor);
    isHeld = facts.isFile;
    return isHeld ? new LinuxFile(descriptor, reached, facts, calls) : 'NoRegularFile';
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
  readonly #facts: FileFacts;
  readonly #calls: FileCalls;

  constructor(descriptor: number, reached: string, facts: FileFacts, calls: FileCalls) {
    this.links = facts.links;
    this.size = facts.size;
    this.#descriptor = descriptor;
    this.#reached = reached;
    this.#facts = facts;
    this.#calls = calls;
  }

  /** One more byte is asked for: the file may have grown. */
  read(): Uint8Array | null {
    const buffer = this.size < scratch.length ? scratch : new Uint8Array(this.size + 1);
    let length = 0;
    while (length < this.size) {
      const rest = length === 0 ? buffer : buffer.subarray(length);
      const count = this.#calls.read(this.#descriptor, rest, this.size + 1 - length);
      if (count === 0) return null;
      length += count;
    }
    return length === this.size ? buffer.subarray(0, length) : null;
  }

  rights(): FileRights {
    const { uid, gid, mode } = this.#facts;
    return { kind: 'Posix', uid, gid, mode };
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

/** For most files; a buffer for each costs more than reading it. */
const scratch = new Uint8Array(64 * 1024);

/** @returns the new file's identity */
export function writeNewFile(reached: string, bytes: Uint8Array, rights: FileRights | null): string {
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

function nullIfMissing<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

export function identityOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev}:${ino}`;
}

/** What stays is a stray, and goes next time. */
export function tryToUnlink(reached: string): void {
  try {
    fs.unlinkSync(reached);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
  }
}

/** False when the operation made something; true when its name was taken. */
export function isTaken(make: () => void): boolean {
  try {
    make();
    return false;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return true;
    throw error;
  }
}
