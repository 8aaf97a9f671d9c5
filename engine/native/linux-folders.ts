/** System calls on an open folder that Node.js doesn't have: openat2(2), Linux 5.6, and getdents64(2). */
import type { Koffi } from './koffi.js';
import { systemError } from './system-error.js';

/** Failures are Errors with a `code`, as Node's own. */
export interface FolderCalls {
  /**
   * Opens what lies below a folder in one call that goes through no link and leads out of no folder; a link on the way is ELOOP.
   * @param folder a descriptor
   * @param path relative, of one component or several
   * @param flags O_*, without O_CREAT
   * @returns the descriptor of what was opened
   */
  readonly open: (folder: number, path: string, flags: number) => number;

  /**
   * What is in a folder, with constant memory. One listing of a descriptor at a time.
   * @param folder a descriptor
   */
  readonly list: (folder: number) => Iterable<FolderEntry>;
}

export interface FolderEntry {
  readonly name: string;
  /** `Unknown`: the file system doesn't say. */
  readonly type: 'File' | 'Unknown' | 'Other';
}

export function folderCalls(koffi: Koffi): FolderCalls {
  return { open: openCall(koffi), list: listCall(koffi) };
}

/** asm-generic/unistd.h: the same number on every architecture that Node.js runs on. */
const openat2 = 437;
/** asm-generic/fcntl.h, the same on x64 and arm64. */
const O_CLOEXEC = 0o2_000_000;
/** linux/openat2.h: RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH; struct open_how has flags, mode and resolve, 64 bits each. */
const resolve = 0x02 | 0x04 | 0x08;
const howBytes = 24;
const [flagsAt, resolveAt] = [0, 16];

function openCall(koffi: Koffi): FolderCalls['open'] {
  const systemCall: (...values: readonly unknown[]) => number = koffi
    .load(null)
    .func('long syscall(long number, long folder, const char *path, void *how, size_t size)');
  return (folder, path, flags) => {
    const descriptor = systemCall(openat2, folder, path, how(flags), howBytes);
    if (descriptor < 0) throw systemError(koffi, 'openat2');
    return descriptor;
  };
}

const made = new Map<number, Buffer>();

function how(flags: number): Buffer {
  const known = made.get(flags);
  if (known !== undefined) return known;
  const bytes = Buffer.alloc(howBytes);
  bytes.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), flagsAt);
  bytes.writeBigUInt64LE(BigInt(resolve), resolveAt);
  made.set(flags, bytes);
  return bytes;
}

/** asm-generic/unistd.h, where x64 has a number of its own (asm/unistd_64.h). */
const getdents64 = process.arch === 'x64' ? 217 : 61;
const listingBytes = 32 * 1024;
/** unistd.h. */
const SEEK_SET = 0;
/** linux/dirent.h, struct linux_dirent64: inode and offset, 64 bits each; then the record's length, the type, and the name up to a zero. */
const [lengthAt, typeAt, nameAt] = [16, 18, 19];
/** dirent.h: DT_UNKNOWN, DT_REG. */
const types: ReadonlyMap<number | undefined, FolderEntry['type']> = new Map([
  [0, 'Unknown'],
  [8, 'File'],
]);

function listCall(koffi: Koffi): FolderCalls['list'] {
  const library = koffi.load(null);
  const systemCall: (...values: readonly unknown[]) => number = library.func(
    'long syscall(long number, unsigned int folder, void *entries, size_t size)',
  );
  const seek: (folder: number, offset: number, from: number) => number = library.func(
    'long lseek(int folder, long offset, int from)',
  );
  const buffer = Buffer.alloc(listingBytes);

  return function* list(folder) {
    if (seek(folder, 0, SEEK_SET) < 0) throw systemError(koffi, 'lseek');
    for (;;) {
      const length = systemCall(getdents64, folder, buffer, listingBytes);
      // A folder that was removed meanwhile holds nothing (POSIX readdir).
      if (length === 0 || (length < 0 && koffi.errno() === koffi.os.errno.ENOENT)) return;
      if (length < 0) throw systemError(koffi, 'getdents64');
      yield* entriesIn(buffer.subarray(0, length));
    }
  };
}

/** Without the folder itself and the one that it is in. */
function entriesIn(bytes: Buffer): readonly FolderEntry[] {
  const entries: FolderEntry[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt16LE(at + lengthAt)) {
    const name = bytes.toString('utf8', at + nameAt, bytes.indexOf(0, at + nameAt));
    if (name !== '.' && name !== '..') entries.push({ name, type: types.get(bytes[at + typeAt]) ?? 'Other' });
  }
  return entries;
}
