/**
 * Access to a profile with a hook between check and act: the product's own, and one by paths that checks just as much. What an attacker
 * wants to reach, for both.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import type { GuardedStore } from '../../engine/profiles/guarded-store.js';
import type { HeldFile, HeldFolder, OpenRoot } from '../../engine/profiles/held-folder.js';
import { ada, grace } from '../store/certificates.js';
import { collect } from '../support/collect.js';
import { elementOf } from './bed.js';

/** Called with each folder right after it was opened and found to be none but a folder. */
export type Hook = (opened: HeldFolder) => void;

/** The product's own access, with the hook. */
export function guarded(openRoot: OpenRoot, hook: Hook): OpenRoot {
  const hooked = (folder: HeldFolder): HeldFolder => {
    hook(folder);
    const inner = (held: HeldFolder): HeldFolder => inners.get(held) ?? held;
    const outer: HeldFolder = {
      path: folder.path,
      pathOf: (name) => folder.pathOf(name),
      openFolder: (name) => hookedOrNull(folder.openFolder(name)),
      createFolder: (name) => hooked(folder.createFolder(name)),
      list: () => folder.list(),
      look: (name) => folder.look(name),
      openFile: (name, purpose) => folder.openFile(name, purpose),
      createFile: (name, bytes, rights, staging) => folder.createFile(name, bytes, rights, inner(staging)),
      removeStrays: () => folder.removeStrays(),
      lockAttempt: () => folder.lockAttempt(),
      close: () => folder.close(),
    };
    inners.set(outer, folder);
    return outer;
  };
  const inners = new WeakMap<HeldFolder, HeldFolder>();
  const hookedOrNull = (folder: HeldFolder | null) => (folder === null ? null : hooked(folder));
  return (path) => hooked(openRoot(path));
}

/** Access by paths, as one would write it at first: every folder and file is checked to be no link, then used by its path. */
export function byPaths(hook: Hook): OpenRoot {
  const naive = (path: string): HeldFolder => {
    assert.ok(fs.lstatSync(path).isDirectory(), 'checked');
    const folder: HeldFolder = {
      path,
      pathOf: (name) => join(path, name),
      openFolder: (name) => (fs.existsSync(join(path, name)) ? naive(join(path, name)) : null),
      createFolder: (name) => {
        fs.mkdirSync(join(path, name), { recursive: true });
        return naive(join(path, name));
      },
      list: () =>
        fs
          .readdirSync(path, { withFileTypes: true })
          .map((entry) => ({ name: entry.name, isFile: entry.isFile() })),
      look: (name) => {
        const stats = fs.lstatSync(join(path, name), { throwIfNoEntry: false });
        return stats === undefined ? null : { isFile: stats.isFile(), identity: String(stats.ino) };
      },
      openFile: (name) => naiveFile(join(path, name)),
      createFile: (name, bytes) => {
        fs.writeFileSync(join(path, name), bytes, { flag: 'wx' });
        return true;
      },
      removeStrays: () => undefined,
      lockAttempt: () => Promise.resolve(() => ({ release: () => undefined })),
      close: () => undefined,
    };
    hook(folder);
    return folder;
  };
  return naive;
}

function naiveFile(path: string): HeldFile | 'NoRegularFile' | null {
  const { mode, uid, gid, size, nlink } = fs.lstatSync(path);
  return {
    links: nlink,
    size,
    read: () => fs.readFileSync(path),
    rights: () => ({ kind: 'Posix', uid, gid, mode: mode & 0o7777 }),
    remove: () => {
      fs.unlinkSync(path);
      return true;
    },
    close: () => undefined,
  };
}

export interface Attack {
  readonly what: string;
  /**
   * True when a file outside was read, made or removed.
   * @param target the folder outside that stands for `Certificates`
   */
  readonly reached: (store: GuardedStore, target: string) => Promise<boolean>;
}

const ignored = () => null;

/** Outside, a file of another content lies under Ada's name; in the profile lies Ada's own. */
export const secret = (): Uint8Array => elementOf(grace);

export const attacks: readonly Attack[] = [
  {
    what: 'read a file outside in a listing',
    reached: async (store) => {
      const files = await collect(store.files()).catch(() => []);
      return files.some((file) => 'bytes' in file && Buffer.compare(file.bytes, secret()) === 0);
    },
  },
  {
    what: 'back up a file outside',
    reached: async (store) => {
      const file = await store.readExact(ada.thumbprint).catch(ignored);
      return file !== null && Buffer.compare(file.bytes, secret()) === 0;
    },
  },
  {
    what: 'remove a file outside',
    reached: async (store, target) => {
      for (const bytes of [secret(), elementOf(ada)]) {
        await store.removeExact(ada.thumbprint, bytes).catch(ignored);
      }
      return !fs.existsSync(join(target, ada.thumbprint));
    },
  },
  {
    what: 'write a file outside',
    reached: async (store, target) => {
      await store.createExact(grace.thumbprint, elementOf(grace), null).catch(ignored);
      return fs.existsSync(join(target, grace.thumbprint));
    },
  },
];
