import { randomBytes } from 'node:crypto';
import { open, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode, retryWhileBusy } from './retry.js';

/** The names of our temporary files: whatever bears one while nobody writes was left by a process that died. */
const strayName = /^CertProp-[0-9a-f]{32}\.tmp$/u;

export function isStray(name: string): boolean {
  return strayName.test(name);
}

export function temporaryName(): string {
  return `CertProp-${randomBytes(16).toString('hex')}.tmp`;
}

/**
 * Puts content under a name at once: whoever reads, even after a power cut, finds the old content or the new.
 * @param staging a folder on the same file system, for the temporary file
 */
export async function replaceFile(staging: string, path: string, content: Uint8Array): Promise<void> {
  const temporary = join(staging, temporaryName());
  try {
    await writeNewFile(temporary, content);
    await retryWhileBusy(() => rename(temporary, path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

async function writeNewFile(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes a file; false when it was not there. */
export async function removeFile(path: string): Promise<boolean> {
  try {
    await retryWhileBusy(() => unlink(path));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** Makes a rename or a removal last. Windows has no such call for folders, and some file systems refuse it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (errorCode(error) !== 'EINVAL' && errorCode(error) !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}

/** Removes the temporary files of dead processes. One that can't go now goes next time: it harms nobody. */
export async function removeStrays(staging: string): Promise<void> {
  const strays = (await readdir(staging)).filter(isStray);
  await Promise.all(strays.map((name) => unlink(join(staging, name)).catch(() => undefined)));
}
