/** Profile roots by their paths. */
import { lstatSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, isAbsolute, join, parse, resolve, sep } from 'node:path';
import { CertPropError } from '../errors.js';
import { fits, hasWildcard } from '../propagation/wildcard.js';
import { storeError } from '../store/file-error.js';
import { visible } from '../text.js';
import { breathe } from './breath.js';
import type { OpenRoot } from './held-folder.js';
import { comparablePath, isSkipped, type Profile, type SkippedProfile } from './profile.js';
import { listedOnThisMachine } from './profile-list.js';
import { systemRoots } from './system-roots.js';

/**
 * Profile roots, in the order of the patterns and then of their names. Files that a wildcard meets are left out without a word; all else
 * that can't be entered is a SkippedProfile: a link (but for a volume's mount point on Windows), a folder that may not be opened, and
 * what does not exist.
 * @param patterns full paths; components may hold wildcards (`*`, `?`, `[a-z]`), which never go through a link
 * @throws CertPropError ProfilesUnavailable
 */
export async function* findProfiles(patterns: readonly string[]): AsyncIterable<Profile | SkippedProfile> {
  const openRoot = await systemRoots();
  const listed = await listedByPath();
  for (const pattern of patterns) {
    if (isAbsolute(pattern)) yield* matching(pattern, openRoot, listed);
    else yield skipped(pattern, `The profile path ${visible(pattern)} is relative. Give a full path.`);
  }
}

/** Null for a folder that can be entered by now. */
export function obstacle(path: string, openRoot: OpenRoot): SkippedProfile | null {
  try {
    openRoot(path).close();
    return null;
  } catch (error) {
    if (error instanceof CertPropError) return skipped(path, error.message);
    throw error;
  }
}

/** What Windows knows of profiles, by their comparable paths. */
type ListedByPath = ReadonlyMap<string, Profile>;

async function listedByPath(): Promise<ListedByPath> {
  const listed = await listedOnThisMachine();
  return new Map(
    listed.flatMap((profile) =>
      isSkipped(profile) ? [] : [[comparablePath(profile.path), profile] as const],
    ),
  );
}

async function* matching(
  pattern: string,
  openRoot: OpenRoot,
  listed: ListedByPath,
): AsyncIterable<Profile | SkippedProfile> {
  const { root } = parse(pattern);
  const components = resolve(pattern).slice(root.length).split(sep);
  for await (const found of expand({ openRoot, folder: root, isCertain: true }, components)) {
    yield typeof found === 'string' ? enter(found, openRoot, listed) : found;
    await breathe();
  }
}

function enter(path: string, openRoot: OpenRoot, listed: ListedByPath): Profile | SkippedProfile {
  const { sid = null, isRoaming = null } = listed.get(comparablePath(path)) ?? {};
  return obstacle(path, openRoot) ?? { path, userName: basename(path), sid, isRoaming };
}

interface Search {
  readonly openRoot: OpenRoot;
  readonly folder: string;
  /** The user named it: it has to be there. A path that a wildcard makes need not be. */
  readonly isCertain: boolean;
}

/** The paths that a pattern stands for. */
async function* expand(
  search: Search,
  [pattern, ...rest]: readonly string[],
): AsyncIterable<string | SkippedProfile> {
  if (pattern === undefined) yield search.folder;
  else if (hasWildcard(pattern)) yield* expandWildcard(search, pattern, rest);
  else {
    const next = { ...search, folder: join(search.folder, pattern) };
    if (next.isCertain || isFolderOrLink(next.folder)) yield* expand(next, rest);
  }
}

async function* expandWildcard(
  search: Search,
  pattern: string,
  rest: readonly string[],
): AsyncIterable<string | SkippedProfile> {
  const names = await foldersIn(search);
  if (!Array.isArray(names)) {
    yield names;
    return;
  }
  for (const name of names.filter((candidate) => fits(pattern, candidate))) {
    const folder = join(search.folder, name);
    const problem = rest.length === 0 ? null : obstacle(folder, search.openRoot);
    if (problem === null) yield* expand({ ...search, folder, isCertain: false }, rest);
    else yield problem;
  }
}

/** Names of folders and links, sorted. */
async function foldersIn({ folder }: Search): Promise<string[] | SkippedProfile> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    const told = storeError(error, folder);
    if (told instanceof CertPropError) return skipped(folder, told.message);
    throw error;
  }
}

function isFolderOrLink(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isDirectory() || stats.isSymbolicLink());
}

function skipped(path: string, problem: string): SkippedProfile {
  return { path, problem };
}
