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
  return firstOf(placesTo(resolve(file), fileItself), null);
}

/**
 * The same for a folder, where what this user can change is no harm: a folder of the user's own.
 * @param use `Own`: nobody else may add to the folder; `Way`: it only leads there
 */
export async function firstChangeableByOthers(folder: string, use: 'Own' | 'Way'): Promise<string | null> {
  const depth = use === 'Own' ? fileItself + 1 : fileItself + 2;
  return firstOf(placesTo(resolve(folder), depth), await ownId());
}

async function firstOf(places: AsyncIterable<Place>, self: string | null): Promise<string | null> {
  const isChangeable = process.platform === 'win32' ? await windowsRule(self) : unixRule(self);
  for await (const place of places) {
    if (await isChangeable(place)) return place.path;
  }
  return null;
}

/**
 * This user's: a SID on Windows, elsewhere a user number. Null for Windows' administrators: with their rights nothing is trusted that
 * the same user's other programs can change.
 */
async function ownId(): Promise<string | null> {
  if (process.platform !== 'win32') return process.geteuid?.().toString() ?? null;
  const { isAdministrator, ownSid } = await import('./file-trust-windows.js');
  return (await isAdministrator()) ? null : ownSid();
}

/** How far a place is above the file that is meant. */
const fileItself = 0;

async function* placesTo(
  file: string,
  firstDepth: number,
  seen = new Set<string>(),
): AsyncGenerator<Place, void, void> {
  let path = file;
  for (let depth = firstDepth; ; depth += 1) {
    const place = { path, ancestor: depth > 1 };
    const key = JSON.stringify(place);
    if (!seen.has(key)) {
      seen.add(key);
      if ((await lstat(path)).isSymbolicLink()) {
        yield* placesTo(resolve(await realpath(dirname(path)), await readlink(path)), fileItself, seen);
      } else yield place;
    }
    const folder = dirname(path);
    if (folder === path) return;
    path = folder;
  }
}

type Rule = (place: Place) => boolean | Promise<boolean>;

async function windowsRule(self: string | null): Promise<Rule> {
  const { fileSecurity } = await import('./file-trust-windows.js');
  const { isChangeableByOthers } = await import('./security-descriptor.js');
  const readSecurity = await fileSecurity();
  return ({ path, ancestor }) => isChangeableByOthers(readSecurity(path), ancestor, self);
}

/** Mode bits of stat(2). In a folder with the sticky bit (01000) others can't replace what isn't theirs, but they can add files. */
function unixRule(self: string | null): Rule {
  return async ({ path, ancestor }) => {
    const { mode, uid, gid } = await lstat(path);
    if (uid !== 0 && uid.toString() !== self) return true;
    if (ancestor && (mode & 0o1000) !== 0) return false;
    return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0);
  };
}
