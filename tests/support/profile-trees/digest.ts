/** What lies below a folder, to be compared with what lay there before. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';

/** Kind, owner, mode and content, by the path below the folder. */
export type Digest = ReadonlyMap<string, string>;

/** A larger file is told by its size and what it takes on disk: it is a hole. */
const largestRead = 1024 * 1024;

export function digestOf(folder: string): Digest {
  const found = new Map<string, string>();
  const folders = [folder];
  for (let current = folders.pop(); current !== undefined; current = folders.pop()) {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      const stats = lstatSync(path);
      found.set(relative(folder, path), [stats.uid, stats.gid, stats.mode, contentOf(path, stats)].join(' '));
      if (entry.isDirectory()) folders.push(path);
    }
  }
  return found;
}

function contentOf(path: string, stats: Stats): string {
  if (stats.isSymbolicLink()) return readlinkSync(path);
  if (!stats.isFile()) return '';
  if (stats.size > largestRead) return `${stats.size} bytes in ${stats.blocks} blocks`;
  return createHash('sha1').update(readFileSync(path)).digest('hex');
}

/** Paths that are not the same in both. */
export function differences(before: Digest, after: Digest): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path));
}
