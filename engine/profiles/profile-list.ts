/**
 * Windows' list of profiles, `HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList`: a key for each user, named by the SID, whose
 * value ProfileImagePath is the profile's root. Windows moves a profile that it can't load aside as `<SID>.bak`.
 */
import { win32 } from 'node:path';
import { keyAccess, loadRegistry, type Key, type Registry, rootKey, valueType } from '../native/registry.js';
import { windowsFolder } from '../native/system-library.js';
import { visible } from '../text.js';
import { onPath } from './open-key.js';
import { comparablePath, type Profile, type SkippedProfile } from './profile.js';

/** What one key says. Null for what is not there, or no text. */
export interface ListedValues {
  readonly keyName: string;
  readonly imagePath: string | null;
  readonly centralProfile: string | null;
}

const listKey = 'SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList';
/** More units than any path that Windows takes has. */
const longestValue = 2 * 32_768;

/** Empty off Windows. @throws CertPropError StoreAccessDenied, StoreUnavailable */
export async function readProfileList(): Promise<readonly ListedValues[]> {
  if (process.platform !== 'win32') return [];
  const registry = await loadRegistry();
  return onPath(`HKLM\\${listKey}`, () =>
    withKey(registry, rootKey.localMachine, listKey, (list) =>
      [...subkeys(registry, list)].map((name) =>
        withKey(registry, list, name, (key) => valuesOf(registry, key, name)),
      ),
    ),
  );
}

function* subkeys(registry: Registry, key: Key): Iterable<string> {
  for (let index = 0; ; index++) {
    const name = registry.subkeyName(key, index);
    if (name === null) return;
    yield name;
  }
}

/**
 * The profiles in the list, in its order, each folder once; what names no user or no folder is told.
 * @param windows `C:\Windows`
 */
export function listedProfiles(
  list: readonly ListedValues[],
  windows: string,
): readonly (Profile | SkippedProfile)[] {
  const seen = new Set<string>();
  return list
    .map((values) => listedProfile(values, windows))
    .filter(({ path }) => {
      const isNew = !seen.has(comparablePath(path));
      seen.add(comparablePath(path));
      return isNew;
    });
}

export async function listedOnThisMachine(): Promise<readonly (Profile | SkippedProfile)[]> {
  const list = await readProfileList();
  return list.length === 0 ? [] : listedProfiles(list, await windowsFolder());
}

function listedProfile(
  { keyName, imagePath, centralProfile }: ListedValues,
  windows: string,
): Profile | SkippedProfile {
  const path = imagePath === null ? null : expand(imagePath, windows);
  const sid = /^(S-1(?:-\d{1,20}){1,16})(?:\.bak)?$/iu.exec(keyName)?.[1];
  if (path === null || sid === undefined) {
    const shown = `${listKey}\\${visible(keyName)}`;
    const problem = `Windows' list of profiles has an entry that names no folder of a user (${shown}), which is passed over.`;
    return { path: imagePath ?? shown, problem };
  }
  // CentralProfile is where the server keeps its copy.
  const isRoaming = centralProfile !== null && centralProfile !== '';
  return { path, userName: win32.basename(path), sid: sid.toUpperCase(), isRoaming };
}

/** Null for what is no full path then. The variables are those with which Windows writes the paths of its own accounts. */
function expand(path: string, windows: string): string | null {
  const expanded = path
    .replace(/^%SystemRoot%|^%windir%/iu, () => windows)
    .replace(/^%SystemDrive%/iu, () => win32.parse(windows).root.slice(0, 2));
  return win32.isAbsolute(expanded) && !expanded.includes('%') ? expanded : null;
}

function valuesOf(registry: Registry, key: Key, keyName: string): ListedValues {
  const text = (name: string): string | null => {
    const value = registry.value(key, name, longestValue);
    if (value === null || value === 'TooLarge') return null;
    if (value.type !== valueType.string && value.type !== valueType.expandString) return null;
    return Buffer.from(value.bytes).toString('utf16le').split('\0')[0] ?? null;
  };
  return { keyName, imagePath: text('ProfileImagePath'), centralProfile: text('CentralProfile') };
}

function withKey<T>(registry: Registry, parent: Key, name: string, use: (key: Key) => T): T {
  const key = registry.openKey(parent, name, keyAccess.read);
  try {
    return use(key);
  } finally {
    registry.closeKey(key);
  }
}
