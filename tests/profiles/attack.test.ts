/**
 * The attack: the profile's user exchanges a folder for a link to a folder outside at the worst moment, between CertProp's check and what
 * it then does. The same attack must succeed against access by paths that checks just as much, or else it proves nothing.
 */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { GuardedStore } from '../../engine/profiles/guarded-store.js';
import type { HeldFile, HeldFolder, OpenRoot } from '../../engine/profiles/held-folder.js';
import { linuxRoots } from '../../engine/profiles/held-folder-linux.js';
import { collect } from '../support/collect.js';
import { ada, grace } from '../store/certificates.js';
import { type Bed, componentsBelow, elementOf, makeBed, plantAda } from './bed.js';

const skip = process.platform === 'linux' ? false : 'Linux only';

/** Called with each folder right after it was opened and found to be none but a folder. */
type Hook = (opened: HeldFolder) => void;

/** The product's own access, with the hook. */
function guarded(hook: Hook): OpenRoot {
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
  const openRoot = linuxRoots();
  return (path) => hooked(openRoot(path));
}

/** Access by paths, as one would write it at first: every folder and file is checked to be no link, then used by its path. */
function byPaths(hook: Hook): OpenRoot {
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

interface Attack {
  readonly what: string;
  /** True when a file outside was read, made or removed. */
  readonly reached: (store: GuardedStore, bed: Bed, target: string) => Promise<boolean>;
}

const ignored = () => null;

/** Outside, a file of another content lies under Ada's name; in the profile lies Ada's own. */
const secret = (): Uint8Array => elementOf(grace);

const attacks: readonly Attack[] = [
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
    reached: async (store, _, target) => {
      for (const bytes of [secret(), elementOf(ada)]) {
        await store.removeExact(ada.thumbprint, bytes).catch(ignored);
      }
      return !fs.existsSync(join(target, ada.thumbprint));
    },
  },
  {
    what: 'write a file outside',
    reached: async (store, _, target) => {
      await store.createExact(grace.thumbprint, elementOf(grace), null).catch(ignored);
      return fs.existsSync(join(target, grace.thumbprint));
    },
  },
];

/** The folder below `outside` that stands for `Certificates`, when the component is a link to there. */
function makeOutside(bed: Bed, component: number): string {
  const target = join(bed.outside, ...componentsBelow.slice(component + 1));
  fs.mkdirSync(target, { recursive: true });
  fs.writeFileSync(join(target, ada.thumbprint), secret());
  return target;
}

/** Exchanges the component for a link to outside, once, as soon as it was opened. */
function exchange(bed: Bed, component: number): Hook {
  const path = join(bed.root, ...componentsBelow.slice(0, component + 1));
  let isDone = false;
  return (opened) => {
    if (isDone || opened.path !== path) return;
    isDone = true;
    fs.renameSync(path, `${path}.away`);
    fs.symlinkSync(bed.outside, path);
  };
}

async function attack(
  context: TestContext,
  access: (hook: Hook) => OpenRoot,
  component: number,
  { reached }: Attack,
): Promise<boolean> {
  const bed = makeBed(context);
  plantAda(bed.certificates);
  const target = makeOutside(bed, component);
  const before = fs.readdirSync(bed.outside, { recursive: true });
  const isReached = await reached(await bed.open(access(exchange(bed, component))), bed, target);
  const isUntouched =
    JSON.stringify(fs.readdirSync(bed.outside, { recursive: true })) === JSON.stringify(before);
  return isReached || !isUntouched;
}

for (const [component, name] of componentsBelow.entries()) {
  for (const each of attacks) {
    test(`${name} exchanged for a link: no way to ${each.what}`, { skip }, async (context) => {
      assert.equal(await attack(context, guarded, component, each), false, 'the guard holds');
      assert.equal(
        await attack(context, byPaths, component, each),
        true,
        'without the guard the attack works',
      );
    });
  }
}

test(
  'an entry exchanged for a link after it was looked at is neither read nor removed',
  { skip },
  async (context) => {
    const bed = makeBed(context);
    const path = plantAda(bed.certificates);
    const outside = plantAda(bed.outside);
    const openRoot = guarded((opened) => {
      if (opened.path !== bed.certificates) return;
      const look = opened.look.bind(opened);
      Object.assign(opened, {
        look: (name: string) => {
          const seen = look(name);
          fs.rmSync(path, { force: true });
          fs.symlinkSync(outside, path);
          return seen;
        },
      });
    });
    const store = await bed.open(openRoot);
    await assert.rejects(store.readExact(ada.thumbprint));
    assert.equal(await store.removeExact(ada.thumbprint, elementOf(ada)), 'Changed');
    assert.deepEqual(fs.readFileSync(outside), Buffer.from(elementOf(ada)));
  },
);
