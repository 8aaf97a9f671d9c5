/** openat2(2): what lies below a folder is opened in one call that goes through no link and leads out of no folder. Linux 5.6. */
import { constants } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import { loadKoffi } from './koffi.js';

/**
 * The descriptor of what was opened. A failure is an Error with a `code` as Node's own; a link on the way is ELOOP.
 * @param folder a descriptor
 * @param path relative, of one component or several
 * @param flags O_*, without O_CREAT
 */
export type OpenBelow = (folder: number, path: string, flags: number) => number;

/** asm-generic/unistd.h: the same number on every architecture that Node.js runs on. */
const openat2 = 437;
/** asm-generic/fcntl.h, the same on x64 and arm64. */
const O_CLOEXEC = 0o2_000_000;
/** linux/openat2.h: RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH; struct open_how has flags, mode and resolve, 64 bits each. */
const resolve = 0x02 | 0x04 | 0x08;
const howBytes = 24;
const [flagsAt, resolveAt] = [0, 16];

/** Null where the kernel has no such call, or forbids it. */
export async function loadOpenBelow(): Promise<OpenBelow | null> {
  const koffi = await loadKoffi();
  const systemCall: (...values: readonly unknown[]) => number = koffi
    .load(null)
    .func('long syscall(long number, long folder, const char *path, void *how, size_t size)');

  const openBelow: OpenBelow = (folder, path, flags) => {
    const descriptor = systemCall(openat2, folder, path, how(flags), howBytes);
    if (descriptor >= 0) return descriptor;
    const code = getSystemErrorName(-koffi.errno());
    throw Object.assign(new Error(`openat2: ${code}`), { code });
  };
  return isThere(openBelow) ? openBelow : null;
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

/** A kernel that has it looks at the descriptor, and finds none. */
function isThere(openBelow: OpenBelow): boolean {
  try {
    openBelow(-1, '.', constants.O_RDONLY);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EBADF';
  }
}
