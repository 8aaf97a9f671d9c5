/** Which modules may be run. */
import { stat } from 'node:fs/promises';
import { posix, resolve, win32 } from 'node:path';
import { CertPropError } from '../errors.js';
import { isElevated } from '../files/elevation.js';
import { firstChangeable } from '../files/file-trust.js';
import { visible } from '../text.js';

/**
 * Refuses what is no absolute path of a file and, with administrator's rights, what others can change.
 * `always` also refuses the latter without administrator's rights.
 * @returns the path to load, which is what was looked at
 * @throws CertPropError Pkcs11ModuleNotFound, Pkcs11ModuleNotTrusted
 */
export async function requireUsableModule(
  modulePath: string,
  { always } = { always: false },
): Promise<string> {
  if (!isFullPath(modulePath, process.platform)) {
    throw notTrusted(modulePath, 'the path is not absolute. Give the whole path of a file on a local disk.');
  }
  const path = resolve(modulePath);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isFile) {
    throw new CertPropError(
      'Pkcs11ModuleNotFound',
      `There is no PKCS #11 module ${visible(modulePath)}. Check the path; the card's software may have to be installed first.`,
      { file: modulePath },
    );
  }
  const changeable = always || (await isElevated()) ? await firstChangeable(path) : null;
  if (changeable === null) return path;
  throw notTrusted(
    modulePath,
    `others can change ${visible(changeable)}. Let only administrators (root) write there, or use a module elsewhere.`,
  );
}

/** On Windows a drive's, without a stream's name: not \folder, \\server\share or \\?\device. */
export function isFullPath(path: string, system: NodeJS.Platform): boolean {
  if (path.includes('\0')) return false;
  if (system !== 'win32') return posix.isAbsolute(path);
  return /^[A-Za-z]:[\\/][^:]*$/u.test(path) && win32.isAbsolute(path);
}

function notTrusted(modulePath: string, why: string): CertPropError {
  return new CertPropError(
    'Pkcs11ModuleNotTrusted',
    `CertProp doesn't run the PKCS #11 module ${visible(modulePath)}: ${why}`,
    { file: modulePath },
  );
}
