/** Writing the backup of one run. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CertPropError } from '../errors.js';
import { isElevated } from '../files/elevation.js';
import { syncFolder } from '../store/atomic-file.js';
import { storeEnd, storeHeader } from '../store/serialized-store.js';
import { visible } from '../text.js';
import { type Backup, elementsName, indexName, type KeptCertificate } from './backup.js';
import { defaultBackupFolder, makePrivate, requirePrivate, writeFailed } from './folder.js';
import { encodeLine, maxLineBytes } from './index-line.js';

/**
 * A backup that makes its folder with the first certificate.
 * @param named the folder of all runs, a full path; null: the default
 * @param now milliseconds since 1970-01-01T00:00:00Z
 * @throws CertPropError BackupNotTrusted, BackupFailed
 */
export async function newBackup(named: string | null, now: () => number): Promise<Backup> {
  const folder = named ?? defaultBackupFolder(await isElevated());
  await requirePrivate(folder);
  let run: Promise<Run> | null = null;
  let last: Promise<unknown> = Promise.resolve();
  return {
    /** One after the other; what failed once fails from then on, as nobody knows what the files hold by then. */
    keep(certificate, element) {
      const kept = last.then(async () => {
        run ??= startRun(folder, now());
        return append(await run, certificate, element);
      });
      last = kept;
      kept.catch(() => undefined);
      return kept;
    },
  };
}

interface Run {
  readonly path: string;
  /** Where the next element goes: the file's end marker lies there. */
  nextElement: number;
}

/** Named by its time in UTC, and a random part. */
async function startRun(folder: string, now: number): Promise<Run> {
  await makePrivate(folder);
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/gu, '');
  const path = join(folder, `${time}-${randomBytes(4).toString('hex')}`);
  return onBackup(path, async () => {
    await mkdir(path, { mode: 0o700 });
    await writing(join(path, elementsName), 'wx', (file) =>
      file.writeFile(Buffer.concat([storeHeader, storeEnd])),
    );
    await writing(join(path, indexName), 'wx', () => Promise.resolve());
    await syncFolder(path);
    await syncFolder(folder);
    return { path, nextElement: storeHeader.length };
  });
}

/** The index last: what it names is there. */
async function append(run: Run, certificate: KeptCertificate, element: Uint8Array): Promise<string> {
  const offset = run.nextElement;
  const sha256 = createHash('sha256').update(element).digest('hex');
  const line = Buffer.from(encodeLine({ ...certificate, offset, length: element.length, sha256 }));
  if (line.length > maxLineBytes) throw tooMuch(certificate);
  await onBackup(run.path, async () => {
    await writing(join(run.path, elementsName), 'r+', (file) => insertElement(file, element, offset));
    await writing(join(run.path, indexName), 'a', (file) => file.writeFile(line));
  });
  run.nextElement += element.length;
  return run.path;
}

/**
 * The old end marker goes last, so that the file is a whole store at every moment: until then what stands behind its end does not count.
 */
async function insertElement(file: FileHandle, element: Uint8Array, offset: number): Promise<void> {
  const first = element.subarray(0, storeEnd.length);
  const others = Buffer.concat([element.subarray(first.length), storeEnd]);
  await writeAll(file, others, offset + first.length);
  await writeAll(file, first, offset);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** On disk when it resolves. */
async function writing(
  path: string,
  flags: 'wx' | 'r+' | 'a',
  write: (file: FileHandle) => Promise<unknown>,
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    await write(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function onBackup<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw writeFailed(path, error);
  }
}

function tooMuch({ thumbprint }: KeptCertificate): CertPropError {
  return new CertPropError(
    'BackupFailed',
    `What belongs to the certificate ${visible(thumbprint)} is too much for a backup, so nothing more is removed.`,
    { thumbprint },
  );
}
