/** Tells each write to the stores of a profile, before and after, by way of Node's own file functions: the product knows nothing of it. */
import files from 'node:fs/promises';
import { existsSync, type MakeDirectoryOptions } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';
import type { Hook } from './hooks.js';

/** From now on `reached` hears of each hook, and what it does is done at that very moment. */
export function tellStoreWrites(profile: string, reached: (hook: Hook) => void): void {
  const { mkdir, open, rename, unlink } = files;
  /** By store: the change that the next sync of its folder makes last. */
  const lastChange = new Map<string, 'rename' | 'unlink'>();

  async function around<T>(write: string, work: () => Promise<T>): Promise<T> {
    reached(`before ${write}`);
    const result = await work();
    reached(`after ${write}`);
    return result;
  }

  const told = {
    mkdir(path: string, options: MakeDirectoryOptions) {
      const folder = relative(profile, path);
      const isWrite = !folder.startsWith('..') && !existsSync(path);
      const make = () => mkdir(path, options);
      return isWrite ? around(`mkdir ${folder === '' ? 'profile' : folder}`, make) : make();
    },

    async open(path: string, flags: string | number, mode?: number) {
      const place = placeOf(profile, path);
      if (place?.kind === 'Temporary' && flags === 'wx') {
        const file = await around(`open ${place.store}`, () => open(path, flags, mode));
        return withTold(file, {
          writeFile: (work) => around(`write ${place.store}`, work),
          sync: (work) => around(`sync ${place.store}`, work),
        });
      }
      const file = await open(path, flags, mode);
      if (place?.kind !== 'Folder') return file;
      return withTold(file, {
        sync: (work) => around(`sync after ${lastChange.get(place.store) ?? 'nothing'} ${place.store}`, work),
      });
    },

    async rename(from: string, to: string) {
      const place = placeOf(profile, to);
      if (place?.kind !== 'Element') return rename(from, to);
      await around(`rename ${place.store}`, () => rename(from, to));
      lastChange.set(place.store, 'rename');
    },

    async unlink(path: string) {
      const place = placeOf(profile, path);
      if (place === null) return unlink(path);
      if (place.kind === 'Temporary') return around(`unlink stray ${place.store}`, () => unlink(path));
      await around(`unlink ${place.store}`, () => unlink(path));
      lastChange.set(place.store, 'unlink');
    },
  };
  Object.assign(files, told);
  syncBuiltinESMExports();
}

type Around = (work: () => Promise<void>) => Promise<void>;

/** The same handle, with these of its functions told. */
function withTold(
  file: files.FileHandle,
  { writeFile, sync }: { readonly writeFile?: Around; readonly sync: Around },
): files.FileHandle {
  const original = { writeFile: file.writeFile.bind(file), sync: file.sync.bind(file) };
  const told = {
    ...(writeFile && { writeFile: (data: Uint8Array) => writeFile(() => original.writeFile(data)) }),
    sync: () => sync(original.sync),
  };
  return Object.assign(file, told);
}

interface Place {
  readonly store: string;
  readonly kind: 'Temporary' | 'Folder' | 'Element';
}

/** Null for what is no part of a store. */
function placeOf(profile: string, path: string): Place | null {
  const [, store, name] = /^SystemCertificates\/([^/]+)\/(.+)$/u.exec(relative(profile, path)) ?? [];
  if (store === undefined || name === undefined) return null;
  if (name === 'Certificates') return { store, kind: 'Folder' };
  if (name.startsWith('Certificates/')) return { store, kind: 'Element' };
  return { store, kind: 'Temporary' };
}
