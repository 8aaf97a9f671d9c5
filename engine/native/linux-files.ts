/** System calls on an open file. Node.js has them too, but takes a microsecond more for each; thousands of profiles hold many files. */
import { constants } from 'node:fs';
import type { Koffi } from './koffi.js';
import { systemError } from './system-error.js';

/** Failures are Errors with a `code`, as Node's own. */
export interface FileCalls {
  readonly look: (descriptor: number) => FileFacts;

  /**
   * From where the last reading ended.
   * @param count at most the bytes of `into`
   * @returns how many bytes were read; 0 at the end
   */
  readonly read: (descriptor: number, into: Uint8Array, count: number) => number;
}

export interface FileFacts {
  readonly isFile: boolean;
  /** How many names it has. */
  readonly links: number;
  readonly size: number;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
}

/** asm/unistd_64.h, and asm-generic/unistd.h for arm64. */
const statx = process.arch === 'x64' ? 332 : 291;
/** linux/fcntl.h, AT_EMPTY_PATH: the descriptor itself. */
const emptyPath = 0x1000;
/** linux/stat.h, STATX_BASIC_STATS. */
const basicStats = 0x7ff;
/** linux/stat.h, struct statx. */
const [linksAt, uidAt, gidAt, modeAt, sizeAt, statxBytes] = [0x10, 0x14, 0x18, 0x1c, 0x28, 0x100];
const permissionBits = 0o7777;

export function fileCalls(koffi: Koffi): FileCalls {
  const library = koffi.load(null);
  const systemCall: (...values: readonly unknown[]) => number = library.func(
    'long syscall(long number, int file, const char *path, int flags, unsigned int mask, void *facts)',
  );
  const read: (...values: readonly unknown[]) => number = library.func(
    'long read(int file, void *into, size_t count)',
  );
  const facts = Buffer.alloc(statxBytes);
  return {
    look(descriptor) {
      if (systemCall(statx, descriptor, '', emptyPath, basicStats, facts) < 0)
        throw systemError(koffi, 'statx');
      const mode = facts.readUInt16LE(modeAt);
      return {
        isFile: (mode & constants.S_IFMT) === constants.S_IFREG,
        links: facts.readUInt32LE(linksAt),
        // Larger files than Node.js can count are too large here anyway.
        size: facts.readUInt32LE(sizeAt) + facts.readUInt32LE(sizeAt + 4) * 2 ** 32,
        uid: facts.readUInt32LE(uidAt),
        gid: facts.readUInt32LE(gidAt),
        mode: mode & permissionBits,
      };
    },
    read(descriptor, into, count) {
      const length = read(descriptor, into, count);
      if (length < 0) throw systemError(koffi, 'read');
      return length;
    },
  };
}
