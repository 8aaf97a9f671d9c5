import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeText, maxElementBytes } from '../../engine/store/serialized.js';
import { isCorrupt } from '../../engine/store/store.js';
import { collect } from '../support/collect.js';
import { ada, grace } from '../store/certificates.js';
import { type Bed, componentsBelow, elementOf, listed, makeBed, openDescriptors, plantAda } from './bed.js';

const onlyLinux = process.platform === 'linux' ? false : 'Linux only';
const onlyRoot = process.geteuid?.() === 0 ? false : 'only root can give files away';

const withId = (id: ErrorId) => (error: unknown) => error instanceof CertPropError && error.id === id;

/** Runs the test, after which no file is open that was not before. */
function guardedTest(name: string, run: (bed: Bed) => Promise<void>, skip = onlyLinux) {
  test(name, { skip: onlyLinux || skip }, async (context) => {
    const bed = makeBed(context);
    // koffi and the timers' own descriptors.
    await (await bed.open()).removeExact(ada.thumbprint, new Uint8Array());
    const before = openDescriptors();
    await run(bed);
    assert.equal(openDescriptors(), before, 'every descriptor is closed');
  });
}

suite('A store in a profile folder', () => {
  guardedTest('lists, finds and removes what a profile’s own store holds', async (bed) => {
    const own = profileStore(join(bed.root, 'AppData', 'Roaming', 'Microsoft'), 'My');
    await own.add(ada.der, new Map([[propertyId.friendlyName, encodeText('Ada')]]), 'New');
    await own.add(grace.der, new Map(), 'New');
    const store = await bed.open();
    assert.deepEqual((await listed(store)).good.sort(), [ada.thumbprint, grace.thumbprint].sort());
    assert.deepEqual(await store.find(ada.thumbprint), await own.find(ada.thumbprint));
    assert.equal(await store.remove(ada.thumbprint, () => false), false);
    assert.equal(await store.remove(ada.thumbprint, () => true), true);
    assert.equal(await store.remove(ada.thumbprint, () => true), false);
    assert.deepEqual((await listed(store)).good, [grace.thumbprint]);
  });

  guardedTest('is empty in a profile that has none', async (bed) => {
    rmSync(join(bed.root, 'AppData'), { recursive: true });
    const store = await bed.open();
    assert.deepEqual(await listed(store), { good: [], corrupt: [] });
    assert.equal(await store.find(ada.thumbprint), null);
    assert.equal(await store.removeExact(ada.thumbprint, elementOf(ada)), 'Gone');
    assert.deepEqual(readdirSync(bed.root), [], 'asking makes nothing');
  });

  guardedTest('does not exist without the profile', async (bed) => {
    const store = await openProfileStore({ path: join(bed.folder, 'nobody') }, 'My');
    await assert.rejects(store.find(ada.thumbprint), withId('StoreUnavailable'));
    await assert.rejects(openProfileStore({ path: 'ada' }, 'My'), withId('StoreUnavailable'));
  });

  guardedTest('adds certificates, and never replaces one', async (bed) => {
    rmSync(join(bed.root, 'AppData'), { recursive: true });
    const store = await bed.open();
    assert.equal(await store.add(ada.der, new Map(), 'Always'), 'Added');
    assert.equal(await store.add(ada.der, new Map(), 'UseExisting'), 'Unchanged');
    const named = new Map([[propertyId.friendlyName, encodeText('Eve')]]);
    for (const disposition of ['New', 'Always', 'ReplaceExisting', 'UseExisting'] as const) {
      await assert.rejects(store.add(ada.der, named, disposition), withId('CertificateExists'));
    }
    assert.equal((await store.find(ada.thumbprint))?.properties.has(propertyId.friendlyName), false);
  });

  guardedTest('gives exactly the bytes, owner and mode, and takes them back', async (bed) => {
    const path = plantAda(bed.certificates);
    chmodSync(path, 0o604);
    const before = statSync(path);
    const store = await bed.open();
    const exact = await store.readExact(ada.thumbprint.toLowerCase());
    assert.ok(exact);
    assert.deepEqual(Buffer.from(exact.bytes), readFileSync(path));
    assert.deepEqual(exact.rights, { kind: 'Posix', uid: before.uid, gid: before.gid, mode: 0o604 });
    assert.equal(await store.removeExact(exact.name, exact.bytes), 'Removed');
    assert.equal(await store.removeExact(exact.name, exact.bytes), 'Gone');
    assert.equal(await store.createExact(exact.name, exact.bytes, exact.rights), 'Created');
    assert.equal(await store.createExact(exact.name, exact.bytes, exact.rights), 'Exists');
    assert.deepEqual(await store.readExact(exact.name), exact);
    assert.deepEqual(readdirSync(join(bed.certificates, '..')), ['Certificates'], 'nothing else is left');
  });

  guardedTest(
    'puts back another user’s file as that user’s, and makes folders and new files for the profile’s owner',
    async (bed) => {
      chownSync(bed.root, 65_534, 65_534);
      rmSync(join(bed.root, 'AppData'), { recursive: true });
      const store = await bed.open();
      const rights = { kind: 'Posix', uid: 4321, gid: 1234, mode: 0o4640 } as const;
      assert.equal(await store.createExact(ada.thumbprint, elementOf(ada), rights), 'Created');
      assert.deepEqual((await store.readExact(ada.thumbprint))?.rights, rights);
      await store.add(grace.der, new Map(), 'New');
      const { uid, gid, mode } = statSync(join(bed.certificates, grace.thumbprint));
      assert.deepEqual([uid, gid, mode & 0o7777], [65_534, 65_534, 0o600]);
      assert.equal(statSync(bed.certificates).uid, 65_534);
    },
    onlyRoot,
  );

  guardedTest('removes only what still has the same bytes', async (bed) => {
    const path = plantAda(bed.certificates);
    const store = await bed.open();
    assert.equal(await store.removeExact(ada.thumbprint, elementOf(grace)), 'Changed');
    assert.deepEqual(readFileSync(path), Buffer.from(elementOf(ada)));
  });

  guardedTest('keeps the links to key containers too', async (bed) => {
    mkdirSync(bed.keys);
    const path = plantAda(bed.keys, grace.thumbprint);
    symlinkSync(path, join(bed.keys, ada.thumbprint));
    const { keys } = await bed.open();
    const [good, bad] = [...(await collect(keys.files()))].sort((a) => (isCorrupt(a) ? 1 : -1));
    assert.ok(good && !isCorrupt(good) && bad && isCorrupt(bad));
    assert.deepEqual([good.name, bad.name], [grace.thumbprint, ada.thumbprint]);
    assert.equal(await keys.removeExact(good.name, good.bytes), 'Removed');
    assert.equal(await keys.createExact(good.name, good.bytes, good.rights), 'Created');
    assert.deepEqual(await keys.readExact(good.name), good);
  });

  guardedTest('waits for whoever changes the store, as that waits for it', async (bed) => {
    const own = profileStore(join(bed.root, 'AppData', 'Roaming', 'Microsoft'), 'My');
    const store = await bed.open();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? own : store).add(ada.der, new Map(), 'UseExisting'),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === 'Added').length, 1);
  });

  guardedTest('clears away what a program that died has left', async (bed) => {
    const stray = join(bed.certificates, '..', `CertProp-${'0a'.repeat(16)}.tmp`);
    writeFileSync(stray, 'half');
    await (await bed.open()).createExact(ada.thumbprint, elementOf(ada), null);
    assert.equal(existsSync(stray), false);
  });

  guardedTest('takes no name but that of an entry', async (bed) => {
    const store = await bed.open();
    for (const name of ['../../x', 'x', '', `${ada.thumbprint}/`, `${ada.thumbprint.slice(1)}.`]) {
      await assert.rejects(store.createExact(name, elementOf(ada), null), withId('MalformedStoreElement'));
      await assert.rejects(store.removeExact(name, elementOf(ada)), withId('MalformedStoreElement'));
      assert.equal(await store.find(name), null);
    }
  });
});

suite('A link in a profile', () => {
  for (const [index, component] of componentsBelow.entries()) {
    guardedTest(`is refused in the place of ${component}`, async (bed) => {
      plantAda(bed.certificates);
      const parent = join(bed.root, ...componentsBelow.slice(0, index));
      const target = join(bed.outside, component);
      renameSync(join(parent, component), target);
      symlinkSync(target, join(parent, component));
      const store = await bed.open();
      await assert.rejects(listed(store), withId('LinkInProfile'));
      await assert.rejects(store.find(ada.thumbprint), withId('LinkInProfile'));
      await assert.rejects(store.readExact(ada.thumbprint), withId('LinkInProfile'));
      await assert.rejects(store.removeExact(ada.thumbprint, elementOf(ada)), withId('LinkInProfile'));
      await assert.rejects(
        store.createExact(grace.thumbprint, elementOf(grace), null),
        withId('LinkInProfile'),
      );
      await assert.rejects(store.add(grace.der, new Map(), 'New'), withId('LinkInProfile'));
      await assert.rejects(
        store.remove(ada.thumbprint, () => true),
        withId('LinkInProfile'),
      );
    });
  }

  guardedTest('is refused as the profile’s root, with a separator at its end too', async (bed) => {
    plantAda(bed.certificates);
    symlinkSync(bed.root, join(bed.folder, 'Default User'));
    for (const end of ['', '/', '/.']) {
      const store = await openProfileStore({ path: join(bed.folder, 'Default User') + end }, 'My');
      await assert.rejects(listed(store), withId('LinkInProfile'));
    }
  });

  guardedTest('a dangling one is not made into a folder', async (bed) => {
    rmSync(join(bed.root, 'AppData'), { recursive: true });
    symlinkSync(join(bed.outside, 'made'), join(bed.root, 'AppData'));
    const store = await bed.open();
    await assert.rejects(store.add(ada.der, new Map(), 'New'), withId('LinkInProfile'));
    assert.deepEqual(readdirSync(bed.outside), []);
  });

  guardedTest('a file in the place of a folder is refused as well', async (bed) => {
    rmSync(bed.certificates, { recursive: true });
    writeFileSync(bed.certificates, '');
    await assert.rejects(listed(await bed.open()), withId('LinkInProfile'));
  });
});

type Plant = (path: string, bed: Bed) => unknown;

/** Everything that is no entry, though it has an entry's name. */
const hostile: Readonly<Record<string, Plant>> = {
  'a link to a file outside': (path, { outside }) => symlinkSync(plantAda(outside), path),
  'a hard link to a file outside': (path, { outside }) => linkSync(plantAda(outside), path),
  'a link to nothing': (path, { outside }) => symlinkSync(join(outside, 'nothing'), path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a folder': (path) => mkdirSync(path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a socket': async (path) => {
    const server = createServer().listen(join(path, '..', 's'));
    await once(server, 'listening');
    renameSync(join(path, '..', 's'), path);
    await once(server.close(), 'close');
  },
  'an empty file': (path) => writeFileSync(path, ''),
  'a file of 200 MB': (path) => {
    writeFileSync(path, '');
    truncateSync(path, 200 * 1024 * 1024);
  },
  'a file of one byte too many': (path) => writeFileSync(path, new Uint8Array(maxElementBytes + 1)),
  'another certificate': (path) => writeFileSync(path, elementOf(grace)),
};

suite('What has an entry’s name and is none', () => {
  for (const [what, plant] of Object.entries(hostile)) {
    guardedTest(`${what} is named, and left alone`, async (bed) => {
      const path = join(bed.certificates, ada.thumbprint);
      await plant(path, bed);
      writeFileSync(join(bed.certificates, grace.thumbprint), elementOf(grace));
      const store = await bed.open();
      const { good, corrupt } = await listed(store);
      assert.deepEqual(good, [grace.thumbprint], 'the others are read');
      assert.deepEqual(
        corrupt.map(({ name }) => name),
        [ada.thumbprint],
      );
      assert.match(corrupt[0]?.problem ?? '', new RegExp(ada.thumbprint, 'u'));
      const isMalformed = (error: unknown) =>
        withId('MalformedStoreElement')(error) &&
        (error as CertPropError).details.thumbprint === ada.thumbprint;
      await assert.rejects(store.find(ada.thumbprint), isMalformed);
      await assert.rejects(
        store.remove(ada.thumbprint, () => true),
        isMalformed,
      );
      assert.equal(await store.removeExact(ada.thumbprint, elementOf(ada)), 'Changed');
      assert.equal(await store.createExact(ada.thumbprint, elementOf(ada), null), 'Exists');
      await assert.rejects(store.add(ada.der, new Map(), 'Always'), withId('CertificateExists'));
      assert.ok(readdirSync(bed.certificates).includes(ada.thumbprint));
    });
  }

  guardedTest(
    'a device is not even opened',
    async (bed) => {
      execFileSync('mknod', [join(bed.certificates, ada.thumbprint), 'c', '1', '3']);
      const store = await bed.open();
      assert.match((await listed(store)).corrupt[0]?.problem ?? '', /no regular file/u);
      await assert.rejects(store.find(ada.thumbprint), withId('MalformedStoreElement'));
    },
    onlyRoot,
  );

  guardedTest('a name in lower case is an entry, unless another file has it in upper case', async (bed) => {
    plantAda(bed.certificates, ada.thumbprint.toLowerCase());
    const store = await bed.open();
    assert.deepEqual(await listed(store), { good: [ada.thumbprint], corrupt: [] });
    assert.equal((await store.find(ada.thumbprint))?.thumbprint, ada.thumbprint);
    assert.equal(await store.createExact(ada.thumbprint, elementOf(ada), null), 'Exists');
    plantAda(bed.certificates);
    const { good, corrupt } = await listed(store);
    assert.deepEqual(good, [ada.thumbprint]);
    assert.deepEqual(
      corrupt.map(({ name }) => name),
      [ada.thumbprint.toLowerCase()],
    );
  });

  guardedTest('other names are none of CertProp’s business', async (bed) => {
    for (const name of ['desktop.ini', `${ada.thumbprint}.bak`, ada.thumbprint.slice(1)])
      plantAda(bed.certificates, name);
    assert.deepEqual(await listed(await bed.open()), { good: [], corrupt: [] });
  });

  guardedTest('a file that vanishes during the listing is named', async (bed) => {
    for (const name of [ada.thumbprint, grace.thumbprint]) plantAda(bed.certificates, name);
    const names: string[] = [];
    for await (const file of (await bed.open()).files()) {
      names.push(isCorrupt(file) ? file.problem : file.name);
      rmSync(bed.certificates, { recursive: true, force: true });
    }
    assert.equal(names.length, 2);
    assert.match(names[1] ?? '', /vanished/u);
  });
});

test(
  'a profile that may not be entered, and a file that may not be read, are told',
  { skip: onlyLinux || onlyRoot },
  (context) => {
    const bed = makeBed(context);
    chmodSync(bed.folder, 0o755);
    chmodSync(plantAda(bed.certificates), 0o000);
    const script = join(import.meta.dirname, 'list-process.js');
    const ask = () =>
      execFileSync(
        'setpriv',
        ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, script, bed.root],
        {
          encoding: 'utf8',
        },
      );
    assert.match(ask(), new RegExp(`corrupt .*${ada.thumbprint} can't be accessed: permission denied`, 'u'));
    chmodSync(join(bed.root, 'AppData', 'Roaming'), 0o700);
    assert.match(ask(), /StoreAccessDenied .*Roaming can't be accessed/u);
    unlinkSync(join(bed.certificates, ada.thumbprint));
  },
);
