/**
 * Whether others can change a file. What leads to it counts too: a folder, a link, and what the link leads to.
 * The same rules as the PowerShell module's for the files that it runs (module/private/FileTrust.ps1).
 */
import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

interface Place {
  readonly path: string;
  /** Above the file's own folder, adding files does no harm. */
  readonly ancestor: boolean;
}

/** @returns the first of the file, its folder, and what leads there that others than administrators (root) can change, or null */
export async function firstChangeable(file: string): Promise<string | null> {
  const isChangeable = process.platform === 'win32' ? await windowsRule() : unixRule;
  for await (const place of placesTo(resolve(file))) {
    if (await isChangeable(place)) return place.path;
  }
  return null;
}

async function* placesTo(file: string, seen = new Set<string>()): AsyncGenerator<Place, void, void> {
  let path = file;
  for (let depth = 0; ; depth += 1) {
    const place = { path, ancestor: depth > 1 };
    const key = JSON.stringify(place);
    if (!seen.has(key)) {
      seen.add(key);
      if ((await lstat(path)).isSymbolicLink()) {
        yield* placesTo(resolve(await realpath(dirname(path)), await readlink(path)), seen);
      } else yield place;
    }
    const folder = dirname(path);
    if (folder === path) return;
    path = folder;
  }
}

type Rule = (place: Place) => boolean | Promise<boolean>;

async function windowsRule(): Promise<Rule> {
  const { fileSecurity } = await import('./file-trust-windows.js');
  const { isChangeableByOthers } = await import('./security-descriptor.js');
  const readSecurity = await fileSecurity();
  return ({ path, ancestor }) => isChangeableByOthers(readSecurity(path), ancestor);
}

/** Mode bits of stat(2). In a folder with the sticky bit (01000) others can't replace what isn't theirs, but they can add files. */
async function unixRule({ path, ancestor }: Place): Promise<boolean> {
  const { mode, uid, gid } = await lstat(path);
  if (uid !== 0) return true;
  if (ancestor && (mode & 0o1000) !== 0) return false;
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
}
