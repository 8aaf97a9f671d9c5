/** Reads Remote Desktop connection files. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';

/** Those in use have one to ten KiB. */
const longestFile = 1024 * 1024;

/** mstsc's own settings, used where no file is given; null where there is no mstsc. */
export function defaultRdpFile(): string | null {
  return process.platform === 'win32' ? join(homedir(), 'Documents', 'Default.rdp') : null;
}

/**
 * A file's bytes; what is no file is not waited for.
 * @param path a full path
 * @returns null where there is no file
 * @throws CertPropError RdpFileUnavailable for one that can't be read, has more than 1 MiB, or is no file
 */
export async function readRdpFile(path: string): Promise<Uint8Array | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw unavailable(path, 'it is no file');
      const buffer = Buffer.alloc(longestFile + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > longestFile) throw unavailable(path, `it has more than ${longestFile} bytes`);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CertPropError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw unavailable(path, code);
  }
}

export function unavailable(path: string, why: string): CertPropError {
  return new CertPropError(
    'RdpFileUnavailable',
    `The Remote Desktop file ${visible(path)} can't be read: ${why}. Give the full path of an .rdp file that you may read.`,
    { file: path },
  );
}
