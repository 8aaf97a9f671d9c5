/** Small files that a person names: a certificate, a management key. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';
import { firstChangeableByOthers } from './file-trust.js';

const longestCertificateFile = 128 * 1024;
/** 64 hex digits and white space. */
const longestKeyFile = 1024;

/** Windows has no such flag. A pipe would keep the engine waiting. */
const nonBlocking = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

/** Group and others: reading, writing, executing (stat(2)). */
const foreignRights = 0o077;

/** A whole file of at most 128 KiB. @throws CertPropError CertificateFileUnreadable */
export async function readCertificateFile(path: string): Promise<Uint8Array> {
  return withFile(path, unreadable, (file) => readWhole(file, longestCertificateFile, path, unreadable));
}

/**
 * A whole file of at most 1 KiB that nobody else can change, and on Unix nobody else can read.
 * @throws CertPropError ManagementKeyNotTrusted, ManagementKeyInvalid
 */
export async function readManagementKeyFile(path: string): Promise<Uint8Array> {
  return withFile(path, keyUnreadable, async (file) => {
    const changeable = await firstChangeableByOthers(path, 'Own');
    if (changeable !== null) throw keyNotTrusted(path, `others can change ${visible(changeable)}`);
    const { mode } = await file.stat();
    if (process.platform !== 'win32' && (mode & foreignRights) !== 0)
      throw keyNotTrusted(path, 'others can read it');
    return readWhole(file, longestKeyFile, path, keyUnreadable);
  });
}

type Unreadable = (path: string, why: string) => CertPropError;

async function withFile<T>(
  path: string,
  failure: Unreadable,
  work: (file: FileHandle) => Promise<T>,
): Promise<T> {
  try {
    const file = await open(path, constants.O_RDONLY | nonBlocking);
    try {
      if (!(await file.stat()).isFile()) throw failure(path, 'it is no file');
      return await work(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CertPropError) throw error;
    throw failure(path, error instanceof Error && 'code' in error ? String(error.code) : String(error));
  }
}

/** The size that a file claims is not trusted. */
async function readWhole(
  file: FileHandle,
  longest: number,
  path: string,
  failure: Unreadable,
): Promise<Uint8Array> {
  const buffer = new Uint8Array(longest + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > longest) throw failure(path, `it has more than ${String(longest)} bytes`);
  }
}

function unreadable(path: string, why: string): CertPropError {
  return new CertPropError(
    'CertificateFileUnreadable',
    `The certificate file ${visible(path)} can't be read (${why}). Give the path of a file with one certificate, DER or PEM.`,
    { file: path },
  );
}

function keyUnreadable(path: string, why: string): CertPropError {
  return new CertPropError(
    'ManagementKeyInvalid',
    `The management key's file ${visible(path)} can't be read (${why}). Give the path of a file with its hex digits.`,
    { file: path },
  );
}

function keyNotTrusted(path: string, why: string): CertPropError {
  return new CertPropError(
    'ManagementKeyNotTrusted',
    `The management key's file ${visible(path)} is not used: ${why}. Leave access to it to yourself alone (chmod 600).`,
    { file: path },
  );
}
