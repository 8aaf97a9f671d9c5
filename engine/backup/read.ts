/** Reading the backup of one run. Its files are taken for hostile, and are no larger in memory than they may be. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { errorCode } from '../store/retry.js';
import { decodeElement } from '../store/serialized.js';
import { visible } from '../text.js';
import { elementsName, indexName, type StoredBackup, type StoredCertificateBackup } from './backup.js';
import { requirePrivate } from './folder.js';
import { decodeLine, type IndexLine, maxLineBytes } from './index-line.js';

/** The largest index that is read: it holds about 300,000 lines. */
const maxIndexBytes = 256 * 1024 * 1024;

/**
 * @param path a run's folder, a full path
 * @throws CertPropError BackupNotFound, BackupNotTrusted, BackupDamaged
 */
export async function readBackup(path: string): Promise<StoredBackup> {
  await requirePrivate(path);
  const certificates: StoredCertificateBackup[] = [];
  let damagedLines = 0;
  await reading(join(path, indexName), async (file) => {
    if ((await file.stat()).size > maxIndexBytes)
      throw damaged(path, `its index has more than ${maxIndexBytes} bytes`);
    for await (const text of wholeLines(file)) {
      const line = text === null ? null : decodeLine(text);
      if (line === null) damagedLines++;
      else certificates.push({ ...line, readElement: () => readElement(path, line) });
    }
  });
  return { path, certificates, damagedLines };
}

/** Null for a line that is too long. One without its end is left out: its certificate was not removed. */
async function* wholeLines(file: FileHandle): AsyncGenerator<string | null> {
  const chunk = Buffer.alloc(maxLineBytes);
  let parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) return;
    let start = 0;
    for (let end = chunk.indexOf(lineEnd); end >= 0 && end < bytesRead; end = chunk.indexOf(lineEnd, start)) {
      length += end - start;
      parts.push(chunk.subarray(start, end));
      yield length < maxLineBytes ? Buffer.concat(parts).toString('utf8') : null;
      parts = [];
      length = 0;
      start = end + 1;
    }
    length += bytesRead - start;
    // What is too long is not kept.
    parts = length < maxLineBytes ? [...parts, Buffer.from(chunk.subarray(start, bytesRead))] : [];
  }
}

const lineEnd = 0x0a;

async function readElement(path: string, line: IndexLine): Promise<Uint8Array> {
  const { thumbprint } = line;
  const element = new Uint8Array(line.length);
  await reading(join(path, elementsName), async (file) => {
    for (let done = 0; done < element.length;) {
      const { bytesRead } = await file.read(element, done, element.length - done, line.offset + done);
      if (bytesRead === 0) throw damaged(path, `the certificate ${thumbprint} is cut off`);
      done += bytesRead;
    }
  });
  const sha256 = createHash('sha256').update(element).digest('hex');
  if (sha256 !== line.sha256.toLowerCase() || !holds(element, thumbprint)) {
    throw damaged(path, `what stands for the certificate ${thumbprint} is something else`);
  }
  return element;
}

function holds(element: Uint8Array, thumbprint: string): boolean {
  try {
    return thumbprintOf(decodeElement(element).certificate) === thumbprint;
  } catch (error) {
    if (error instanceof CertPropError) return false;
    throw error;
  }
}

/** A regular file, no link, never waited for. */
async function reading<T>(path: string, read: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    if (!(await file.stat()).isFile()) throw damaged(path, 'it is no regular file');
    return await read(file);
  } finally {
    await file.close();
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        throw notFound(path);
      case undefined:
        throw error;
      default:
        throw damaged(path, `it can't be opened (${errorCode(error)})`);
    }
  }
}

function notFound(path: string): CertPropError {
  return new CertPropError(
    'BackupNotFound',
    `There is no ${visible(path)}. Name the folder of one run: a removal's results say it (BackupPath), and the backup folder holds one for each run.`,
    { file: path },
  );
}

function damaged(path: string, why: string): CertPropError {
  return new CertPropError('BackupDamaged', `The backup ${visible(path)} is damaged: ${why}.`, {
    file: path,
  });
}
