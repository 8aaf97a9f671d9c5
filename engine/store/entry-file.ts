import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { readBounded } from './bounded-read.js';
import { onPath } from './file-error.js';
import { errorCode } from './retry.js';
import { decodeElement, maxElementBytes } from './serialized.js';
import type { StoreEntry } from './store.js';

/** Names of entry files in a `Certificates` folder, upper case before lower case; none when the folder does not exist. */
export async function entryNames(folder: string): Promise<string[]> {
  return onPath(folder, async () => {
    try {
      const names = await readdir(folder);
      return names.filter((name) => /^[0-9A-F]{40}$/iu.test(name)).sort();
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return [];
      throw error;
    }
  });
}

/**
 * Reads one entry; null when its file is gone.
 * @throws CertPropError MalformedStoreElement, StoreAccessDenied, StoreUnavailable, each with the thumbprint
 */
export async function readEntry(folder: string, name: string): Promise<StoreEntry | null> {
  const thumbprint = name.toUpperCase();
  try {
    return await readEntryFile(join(folder, name), thumbprint);
  } catch (error) {
    throw error instanceof CertPropError ? error.with({ thumbprint }) : error;
  }
}

async function readEntryFile(path: string, thumbprint: string): Promise<StoreEntry | null> {
  const bytes = await readRegularFile(path);
  return bytes === null ? null : decodeEntry(path, thumbprint, bytes);
}

/**
 * The entry that an entry file holds; views of `bytes`.
 * @param path the file's, for the error
 * @throws CertPropError MalformedStoreElement
 */
export function decodeEntry(path: string, thumbprint: string, bytes: Uint8Array): StoreEntry {
  const { certificate, properties } = decodeFile(path, bytes);
  if (thumbprintOf(certificate) !== thumbprint) {
    throw damaged(path, 'its certificate has another thumbprint than its name says');
  }
  return { thumbprint, certificate, properties };
}

function decodeFile(path: string, bytes: Uint8Array): ReturnType<typeof decodeElement> {
  try {
    return decodeElement(bytes);
  } catch (error) {
    if (error instanceof CertPropError) throw damaged(path, error.message.replace(/\.$/u, ''), error);
    throw error;
  }
}

/** Never follows a link, and never waits on what is no file. */
async function readRegularFile(path: string): Promise<Uint8Array | null> {
  return onPath(path, async () => {
    try {
      checkFile(path, await lstat(path));
      const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        // Again: it may have been exchanged in between.
        const stats = await file.stat();
        checkFile(path, stats);
        const bytes = await readBounded(file, stats.size);
        if (bytes === null) throw damaged(path, 'another program is writing it');
        return bytes;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return null;
      if (errorCode(error) === 'ELOOP') throw damaged(path, 'it is no regular file');
      throw error;
    }
  });
}

function checkFile(path: string, stats: Stats): void {
  if (!stats.isFile()) throw damaged(path, 'it is no regular file');
  if (stats.size > maxElementBytes) {
    throw damaged(path, `it has more than ${maxElementBytes} bytes`);
  }
}

/** @param problem goes on after a colon */
export function damaged(path: string, problem: string, cause?: CertPropError): CertPropError {
  return new CertPropError(
    'MalformedStoreElement',
    `The store file ${visible(path)} is damaged: ${problem}. Move it away and run it again.`,
    { file: path },
    cause === undefined ? {} : { cause },
  );
}
