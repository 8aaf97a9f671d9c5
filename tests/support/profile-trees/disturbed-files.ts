/**
 * Loaded into an engine before all else (node --import): while it looks through profiles a file vanishes and a folder is exchanged for a
 * link, at the worst moment, in the profiles that are named so. Both are put back, so that the trees are the same afterwards.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { HostileKind } from './hostile.js';

const vanishing: HostileKind = 'vanishing file';
const exchanged: HostileKind = 'exchanged folder';
const { closeSync, openSync } = fs;
const putBack = new Map<number, () => void>();
/** Files that are gone, by the folders they vanished from. */
const gone = new Map<string, string>();

/** The first file is read when its folder has been listed (a small one is listed all at once): any other is still to be read. */
function letVanishBeside(path: string): void {
  const folder = dirname(path);
  if (basename(folder) !== 'Certificates' || !folder.includes(vanishing) || gone.has(folder)) return;
  const other = fs.readdirSync(folder).find((name) => name !== basename(path));
  if (other === undefined) return;
  fs.renameSync(join(folder, other), awayFrom(folder));
  gone.set(folder, join(folder, other));
}

function letReturn(folder: string): void {
  const file = gone.get(folder);
  if (file !== undefined) fs.renameSync(awayFrom(folder), file);
  gone.delete(folder);
}

function awayFrom(folder: string): string {
  return join(folder, '..', 'vanished');
}

function pathOf(descriptor: number): string {
  return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
}

fs.openSync = (path, flags, mode) => {
  const descriptor = openSync(path, flags, mode);
  const root = String(path);
  if (root.endsWith(exchanged) && dirname(root).endsWith('/profiles')) exchange(root, descriptor);
  return descriptor;
};

fs.closeSync = (descriptor) => {
  const path = pathOf(descriptor);
  closeSync(descriptor);
  letVanishBeside(path);
  letReturn(path);
  putBack.get(descriptor)?.();
  putBack.delete(descriptor);
};

/** As long as the root is open. */
function exchange(root: string, descriptor: number): void {
  const below = join('AppData', 'Roaming', 'Microsoft', 'SystemCertificates', 'My');
  const folder = join(root, below);
  const away = `${folder}.away`;
  fs.renameSync(folder, away);
  fs.symlinkSync(join(dirname(dirname(root)), 'outside', 'canary', below), folder);
  putBack.set(descriptor, () => {
    fs.unlinkSync(folder);
    fs.renameSync(away, folder);
  });
}

syncBuiltinESMExports();
