/** The folder in which the backups of all runs lie: private, and nobody else's. */
import type { Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, win32 } from 'node:path';
import { CertPropError } from '../errors.js';
import { firstChangeableByOthers } from '../files/file-trust.js';
import { errorCode } from '../store/retry.js';
import { visible } from '../text.js';
import { syncFolder } from '../store/atomic-file.js';

/**
 * The folder that is used where none is named: the machine's with an administrator's rights, else the user's own.
 * @param home the user's home folder
 */
export function defaultBackupFolder(
  elevated: boolean,
  system: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  switch (system) {
    case 'win32':
      return elevated
        ? win32.join(environment.ProgramData ?? 'C:\\ProgramData', 'CertProp', 'Backup')
        : win32.join(environment.LOCALAPPDATA ?? win32.join(home, 'AppData', 'Local'), 'CertProp', 'Backup');
    case 'darwin':
      return join(elevated ? '/' : home, 'Library/Application Support/CertProp/Backup');
    default:
      return elevated ? '/var/lib/certprop/backup' : join(home, '.local/state/certprop/backup');
  }
}

/**
 * Refuses a folder that is a link or another's, or that others than administrators and this user can change or replace. One that is not
 * there yet is judged by what leads to it.
 * @throws CertPropError BackupNotTrusted, BackupFailed
 */
export async function requirePrivate(folder: string): Promise<void> {
  if (!(await checkIsFolder(folder))) return requireSafeWay(dirname(folder));
  const changeable = await firstChangeableByOthers(folder, 'Own');
  if (changeable !== null) throw notTrusted(folder, changeable);
}

/** Makes what is missing of it, for this user alone, and checks it. @throws CertPropError as requirePrivate */
export async function makePrivate(folder: string): Promise<void> {
  if (!(await checkIsFolder(folder))) {
    await makePrivateWay(dirname(folder));
    await makeFolder(folder);
  }
  await requirePrivate(folder);
}

async function makePrivateWay(folder: string): Promise<void> {
  if (await exists(folder)) return requireSafeWay(folder);
  await makePrivateWay(dirname(folder));
  await makeFolder(folder);
}

async function requireSafeWay(folder: string): Promise<void> {
  if (!(await exists(folder))) return requireSafeWay(dirname(folder));
  const changeable = await firstChangeableByOthers(folder, 'Way');
  if (changeable !== null) throw notTrusted(folder, changeable);
}

/** One that somebody has made in the meantime is checked afterwards. */
async function makeFolder(folder: string): Promise<void> {
  try {
    if (process.platform === 'win32') {
      const { createPrivateFolder } = await import('./private-folder-windows.js');
      await createPrivateFolder(folder);
    } else await mkdir(folder, { mode: 0o700 });
    await syncFolder(dirname(folder));
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw writeFailed(folder, error);
  }
}

/** False where nothing is there. */
async function checkIsFolder(folder: string): Promise<boolean> {
  const stats = await lstatOrNull(folder);
  if (stats === null) return false;
  if (stats.isSymbolicLink()) throw notTrusted(folder, folder, 'it is a link');
  if (!stats.isDirectory()) throw notTrusted(folder, folder, 'it is no folder');
  return true;
}

async function exists(path: string): Promise<boolean> {
  return (await lstatOrNull(path)) !== null;
}

/** Null where nothing is there; nothing leads to a root, so one that is missing (a drive) is a failure. */
async function lstatOrNull(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && dirname(path) !== path) return null;
    throw writeFailed(path, error);
  }
}

function notTrusted(
  folder: string,
  changeable: string,
  why = `others can change ${visible(changeable)}`,
): CertPropError {
  return new CertPropError(
    'BackupNotTrusted',
    `The backup folder ${visible(folder)} is not used: ${why}. Name one with -BackupPath that nobody but you and administrators can change.`,
    { file: folder },
  );
}

/** What is no failed file operation stays as it is. */
export function writeFailed(path: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof CertPropError) return error;
  return new CertPropError(
    'BackupFailed',
    `The backup ${visible(path)} can't be written (${code}), so nothing more is removed. Make room or access there, or name another folder with -BackupPath.`,
    { file: path },
    { cause: error },
  );
}
