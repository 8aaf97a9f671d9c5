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
const { closeSync, opendirSync, openSync } = fs;
const putBack = new Map<number, () => void>();

fs.opendirSync = (path, options) => {
  const listing = opendirSync(path, options);
  const folder = fs.readlinkSync(path);
  if (basename(folder) === 'Certificates' && folder.includes(vanishing)) vanishOnceListed(folder, listing);
  return listing;
};

/** Node reads the names of a small folder all at once. */
function vanishOnceListed(folder: string, listing: fs.Dir): void {
  const readSync = listing.readSync.bind(listing);
  const closeSync = listing.closeSync.bind(listing);
  const file = join(folder, fs.readdirSync(folder).at(-1) ?? '');
  const away = join(folder, '..', 'vanished');
  listing.readSync = () => {
    const entry = readSync();
    if (!fs.existsSync(away)) fs.renameSync(file, away);
    return entry;
  };
  listing.closeSync = () => {
    fs.renameSync(away, file);
    closeSync();
  };
}

fs.openSync = (path, flags, mode) => {
  const descriptor = openSync(path, flags, mode);
  const root = String(path);
  if (root.endsWith(exchanged) && dirname(root).endsWith('/profiles')) exchange(root, descriptor);
  return descriptor;
};

fs.closeSync = (descriptor) => {
  closeSync(descriptor);
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
