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
const { opendirSync, openSync } = fs;
let putBack = (): void => undefined;

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
  putBack();
  putBack = () => undefined;
  const reached = String(path);
  if (reached.endsWith('/My')) {
    const folder = join(fs.readlinkSync(dirname(reached)), 'My');
    if (folder.includes(exchanged)) exchange(folder);
  }
  return openSync(path, flags, mode);
};

/** Until the next file or folder is opened. */
function exchange(folder: string): void {
  const away = `${folder}.away`;
  const canary = join(folder.slice(0, folder.indexOf('/profiles/')), 'outside', 'canary');
  fs.renameSync(folder, away);
  fs.symlinkSync(join(canary, folder.slice(folder.indexOf('/AppData/'))), folder);
  putBack = () => {
    fs.unlinkSync(folder);
    fs.renameSync(away, folder);
  };
}

syncBuiltinESMExports();
