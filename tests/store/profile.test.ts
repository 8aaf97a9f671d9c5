import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { propertyId } from '../../engine/store/property-id.js';
import { profileStore } from '../../engine/store/profile.js';
import { encodeElement, encodeText, maxElementBytes } from '../../engine/store/serialized.js';
import {
  isCorrupt,
  type CertificateStore,
  type CorruptEntry,
  type StoreEntry,
} from '../../engine/store/store.js';
import { requirePart } from '../support/require.js';
import { ada, grace } from './certificates.js';
import { temporaryFolder } from './temporary-folder.js';

const posixOnly = process.platform === 'win32' ? 'POSIX file modes and links' : false;
const named = (name: string) => new Map([[propertyId.friendlyName, encodeText(name)]]);
const always = () => true;

interface Bed {
  readonly path: string;
  readonly folder: string;
  readonly certificates: string;
  readonly store: CertificateStore;
}

function bed(context: TestContext): Bed {
  const path = temporaryFolder(context);
  const folder = join(path, 'SystemCertificates', 'My');
  return { path, folder, certificates: join(folder, 'Certificates'), store: profileStore(path, 'My') };
}

function plant({ certificates }: Bed, name: string, content: Uint8Array): string {
  mkdirSync(certificates, { recursive: true });
  const path = join(certificates, name);
  writeFileSync(path, content);
  return path;
}

async function listed(store: CertificateStore): Promise<{ good: StoreEntry[]; corrupt: CorruptEntry[] }> {
  const good: StoreEntry[] = [];
  const corrupt: CorruptEntry[] = [];
  for await (const entry of store.entries()) {
    if (isCorrupt(entry)) corrupt.push(entry);
    else good.push(entry);
  }
  return { good, corrupt };
}

void test('a store that does not exist is empty, and reading does not create it', async (context) => {
  const { path, store } = bed(context);
  assert.deepEqual(await listed(store), { good: [], corrupt: [] });
  assert.equal(await store.find(ada.thumbprint), null);
  assert.equal(await store.remove(ada.thumbprint, always), false);
  assert.deepEqual(readdirSync(path), []);
});

void test('a certificate is stored where Windows looks for it, and nothing else is left', async (context) => {
  const { store, folder, certificates } = bed(context);
  assert.equal(await store.add(ada.der, named('Ada'), 'New'), 'Added');
  assert.deepEqual(readdirSync(certificates), [ada.thumbprint]);
  assert.deepEqual(readdirSync(folder), ['Certificates']);
  const content = readFileSync(join(certificates, ada.thumbprint));
  assert.deepEqual(content, Buffer.from(encodeElement(ada.der, named('Ada'))));
});

const noOpenssl = requirePart(
  'openssl',
  spawnSync('openssl', ['version']).status === 0,
  'apt-get install openssl',
);

void test('OpenSSL finds the certificate in the stored file', { skip: noOpenssl }, async (context) => {
  const { store, certificates } = bed(context);
  await store.add(grace.der, named('Grace'), 'New');
  const file = readFileSync(join(certificates, grace.thumbprint));
  const header = Buffer.from('2000000001000000', 'hex');
  const input = file.subarray(file.indexOf(header) + 12);
  const answer = execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-fingerprint', '-sha1'], {
    input,
  });
  assert.equal(answer.toString().split('=')[1]?.trim().replaceAll(':', ''), grace.thumbprint);
});

void test('files and folders are for their owner alone', { skip: posixOnly }, async (context) => {
  const { store, path, folder, certificates } = bed(context);
  await store.add(ada.der, named('Ada'), 'New');
  const mode = (name: string) => (statSync(name).mode & 0o777).toString(8);
  assert.equal(mode(join(certificates, ada.thumbprint)), '600');
  for (const created of [join(path, 'SystemCertificates'), folder, certificates]) {
    assert.equal(mode(created), '700', created);
  }
});

void test('what was added is found and listed, by thumbprint in any case', async (context) => {
  const { store } = bed(context);
  await store.add(ada.der, named('Ada'), 'New');
  await store.add(grace.der, named('Grace'), 'New');
  const { good, corrupt } = await listed(store);
  assert.deepEqual(good.map((entry) => entry.thumbprint).sort(), [ada.thumbprint, grace.thumbprint].sort());
  assert.deepEqual(corrupt, []);
  const found = await store.find(ada.thumbprint.toLowerCase());
  assert.deepEqual(Buffer.from(found?.certificate ?? []), ada.der);
  assert.deepEqual(
    Buffer.from(found?.properties.get(propertyId.friendlyName) ?? []),
    Buffer.from(encodeText('Ada')),
  );
});

void test('an unchanged entry is not rewritten; Always rewrites it', async (context) => {
  const { store, certificates } = bed(context);
  await store.add(ada.der, named('Ada'), 'New');
  const path = join(certificates, ada.thumbprint);
  const longAgo = new Date('2001-01-01T00:00:00Z');
  utimesSync(path, longAgo, longAgo);
  assert.equal(await store.add(ada.der, named('Ada'), 'ReplaceExisting'), 'Unchanged');
  assert.equal(await store.add(ada.der, new Map(), 'ReplaceExistingInheritProperties'), 'Unchanged');
  assert.equal(await store.add(ada.der, named('Other'), 'UseExisting'), 'Unchanged');
  assert.deepEqual(statSync(path).mtime, longAgo);
  assert.equal(await store.add(ada.der, named('Ada'), 'Always'), 'Replaced');
  assert.notDeepEqual(statSync(path).mtime, longAgo);
});

void test('an existing certificate is replaced with what the old one had besides', async (context) => {
  const { store } = bed(context);
  const mine = new Map([...named('Ada'), [0x8010, Uint8Array.of(1, 2, 3)]]);
  await store.add(ada.der, mine, 'New');
  assert.equal(await store.add(ada.der, named('Countess'), 'ReplaceExistingInheritProperties'), 'Replaced');
  const properties = (await store.find(ada.thumbprint))?.properties;
  assert.deepEqual([...(properties?.keys() ?? [])], [3, propertyId.friendlyName, 0x8010]);
  assert.deepEqual(Buffer.from(properties?.get(0x8010) ?? []), Buffer.of(1, 2, 3));
  assert.deepEqual(Buffer.from(properties?.get(11) ?? []), Buffer.from(encodeText('Countess')));
});

void test('New fails on a stored certificate and leaves it alone', async (context) => {
  const { store } = bed(context);
  await store.add(ada.der, named('Ada'), 'New');
  const before = await store.find(ada.thumbprint);
  await assert.rejects(store.add(ada.der, named('Other'), 'New'), { id: 'CertificateExists' });
  assert.deepEqual(await store.find(ada.thumbprint), before);
});

void test('a certificate is removed only if it is still wanted gone', async (context) => {
  const { store, certificates } = bed(context);
  await store.add(ada.der, named('Ada'), 'New');
  const asked: string[] = [];
  const refuse = (entry: StoreEntry) => {
    asked.push(entry.thumbprint);
    return false;
  };
  assert.equal(await store.remove(ada.thumbprint, refuse), false);
  assert.deepEqual(asked, [ada.thumbprint]);
  assert.deepEqual(readdirSync(certificates), [ada.thumbprint]);
  assert.equal(await store.remove(ada.thumbprint, always), true);
  assert.deepEqual(readdirSync(certificates), []);
  assert.equal(await store.remove(ada.thumbprint, always), false);
});

void test('an entry whose file name is in lower case is read, replaced in place and removed', async (context) => {
  const the = bed(context);
  plant(the, ada.thumbprint.toLowerCase(), encodeElement(ada.der, named('Ada')));
  assert.equal((await the.store.find(ada.thumbprint))?.thumbprint, ada.thumbprint);
  assert.equal((await listed(the.store)).good.length, 1);
  assert.equal(await the.store.add(ada.der, named('New'), 'ReplaceExisting'), 'Replaced');
  assert.deepEqual(readdirSync(the.certificates), [ada.thumbprint.toLowerCase()]);
  assert.equal(await the.store.remove(ada.thumbprint, always), true);
  assert.deepEqual(readdirSync(the.certificates), []);
});

void test('files that are no entries are passed over in silence', async (context) => {
  const the = bed(context);
  await the.store.add(ada.der, named('Ada'), 'New');
  plant(the, 'desktop.ini', Buffer.from('[.ShellClassInfo]'));
  plant(the, `${ada.thumbprint}.bak`, Buffer.from('x'));
  const { good, corrupt } = await listed(the.store);
  assert.equal(good.length, 1);
  assert.deepEqual(corrupt, []);
});

const other = 'AB'.repeat(20);
const corruptions: [string, RegExp, (the: Bed) => void][] = [
  ['is cut off', /cut off/, (the) => void plant(the, other, Buffer.from('0b00', 'hex'))],
  ['is empty', /certificate \(element 32\) is missing/, (the) => void plant(the, other, Buffer.alloc(0))],
  [
    'is too large',
    /more than 1048576 bytes/,
    (the) => void plant(the, other, Buffer.alloc(maxElementBytes + 1)),
  ],
  [
    'holds another certificate than its name says',
    /another thumbprint/,
    (the) => void plant(the, other, encodeElement(grace.der, new Map())),
  ],
  ['is a folder', /no regular file/, (the) => mkdirSync(join(the.certificates, other))],
];
if (process.platform !== 'win32') {
  corruptions.push(
    [
      'is a link, even to a good entry',
      /no regular file/,
      (the) => {
        const good = encodeElement(grace.der, new Map());
        writeFileSync(join(the.path, 'elsewhere'), good);
        symlinkSync(join(the.path, 'elsewhere'), join(the.certificates, other));
      },
    ],
    ['is a pipe', /no regular file/, (the) => void execFileSync('mkfifo', [join(the.certificates, other)])],
  );
}
for (const [what, problem, corrupt] of corruptions) {
  void test(`an entry that ${what} is reported and left alone, the others are listed`, async (context) => {
    const the = bed(context);
    await the.store.add(ada.der, named('Ada'), 'New');
    corrupt(the);
    const found = await listed(the.store);
    assert.deepEqual(
      found.good.map((entry) => entry.thumbprint),
      [ada.thumbprint],
    );
    assert.deepEqual(
      found.corrupt.map((entry) => entry.name),
      [other],
    );
    assert.match(found.corrupt[0]?.problem ?? '', problem);
    await assert.rejects(the.store.find(other), { id: 'MalformedStoreElement', message: problem });
    await assert.rejects(the.store.remove(other, always), { id: 'MalformedStoreElement' });
    assert.ok(existsSync(the.certificates) && readdirSync(the.certificates).includes(other));
  });
}

void test('an error about one entry names its thumbprint', async (context) => {
  const the = bed(context);
  plant(the, ada.thumbprint, Buffer.from('garbage'));
  await assert.rejects(the.store.find(ada.thumbprint), {
    id: 'MalformedStoreElement',
    details: { file: join(the.certificates, ada.thumbprint), thumbprint: ada.thumbprint },
  });
});

void test('a corrupt entry is written over by Always alone', async (context) => {
  const the = bed(context);
  const path = plant(the, ada.thumbprint, Buffer.from('garbage'));
  for (const disposition of [
    'New',
    'UseExisting',
    'ReplaceExisting',
    'ReplaceExistingInheritProperties',
  ] as const) {
    await assert.rejects(the.store.add(ada.der, named('Ada'), disposition), {
      id: 'MalformedStoreElement',
      details: { file: path, thumbprint: ada.thumbprint },
    });
  }
  assert.equal(readFileSync(path, 'utf8'), 'garbage');
  assert.equal(await the.store.add(ada.der, named('Ada'), 'Always'), 'Replaced');
  assert.equal((await the.store.find(ada.thumbprint))?.thumbprint, ada.thumbprint);
});

void test(
  'a link in the place of an entry is never written through',
  { skip: posixOnly },
  async (context) => {
    const the = bed(context);
    mkdirSync(the.certificates, { recursive: true });
    const target = join(the.path, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, join(the.certificates, ada.thumbprint));
    await assert.rejects(the.store.add(ada.der, named('Ada'), 'ReplaceExisting'), {
      id: 'MalformedStoreElement',
    });
    assert.equal(await the.store.add(ada.der, named('Ada'), 'Always'), 'Replaced');
    assert.equal(readFileSync(target, 'utf8'), 'precious');
    assert.equal((await the.store.find(ada.thumbprint))?.thumbprint, ada.thumbprint);
  },
);

void test('two files that differ in case alone are one entry and a report', async (context) => {
  const the = bed(context);
  plant(the, ada.thumbprint.toLowerCase(), encodeElement(ada.der, named('lower')));
  plant(the, ada.thumbprint, encodeElement(ada.der, named('upper')));
  if (readdirSync(the.certificates).length === 1) {
    context.skip('file names have no case here');
    return;
  }
  const { good, corrupt } = await listed(the.store);
  assert.deepEqual(
    good.map((entry) => Buffer.from(entry.properties.get(11) ?? []).toString('utf16le')),
    ['upper\0'],
  );
  assert.deepEqual(
    corrupt.map((entry) => entry.name),
    [ada.thumbprint.toLowerCase()],
  );
});

void test('the next writer clears what a dead one left, and only that', async (context) => {
  const { store, folder, certificates } = bed(context);
  mkdirSync(certificates, { recursive: true });
  const stray = `CertProp-${'0f'.repeat(16)}.tmp`;
  for (const name of [stray, 'CertProp-0f.tmp', 'notes.tmp']) writeFileSync(join(folder, name), '');
  await store.find(ada.thumbprint);
  assert.ok(readdirSync(folder).includes(stray), 'reading changes nothing');
  await store.add(ada.der, named('Ada'), 'New');
  assert.deepEqual(readdirSync(folder).sort(), ['CertProp-0f.tmp', 'Certificates', 'notes.tmp']);
});

void test('a store path that does not exist is an error for whoever looks for certificates to remove', async (context) => {
  const path = join(temporaryFolder(context), 'mistyped');
  const store = profileStore(path, 'My');
  const expected = { id: 'StoreUnavailable', message: /mistyped does not exist/, details: { file: path } };
  await assert.rejects(listed(store), expected);
  await assert.rejects(store.remove(ada.thumbprint, always), expected);
  assert.equal(existsSync(path), false);
});

void test('the first certificate creates the store path, but not the folder it is in', async (context) => {
  const parent = temporaryFolder(context);
  const store = profileStore(join(parent, 'new'), 'My');
  assert.equal(await store.find(ada.thumbprint), null);
  assert.equal(existsSync(join(parent, 'new')), false);
  await store.add(ada.der, named('Ada'), 'New');
  assert.equal((await listed(store)).good.length, 1);
  const deeper = profileStore(join(parent, 'mistyped', 'new'), 'My');
  await assert.rejects(deeper.find(ada.thumbprint), { id: 'StoreUnavailable' });
  await assert.rejects(deeper.add(ada.der, named('Ada'), 'New'), { id: 'StoreUnavailable' });
  assert.equal(existsSync(join(parent, 'mistyped')), false);
});

void test('a store path that is relative, a file, or holds a zero character is an error', async (context) => {
  assert.throws(() => profileStore('profile', 'My'), { id: 'StoreUnavailable', message: /full path/ });
  const path = temporaryFolder(context);
  writeFileSync(join(path, 'file'), '');
  await assert.rejects(profileStore(join(path, 'file'), 'My').find(ada.thumbprint), {
    id: 'StoreUnavailable',
    message: /no folder/,
  });
  await assert.rejects(profileStore(`${path}\0`, 'My').find(ada.thumbprint), { id: 'StoreUnavailable' });
});

void test('a file in the place of a folder is an error', async (context) => {
  const { path, store } = bed(context);
  writeFileSync(join(path, 'SystemCertificates'), '');
  await assert.rejects(listed(store), { id: 'StoreUnavailable' });
  await assert.rejects(store.add(ada.der, named('Ada'), 'New'), { id: 'StoreUnavailable' });
});

void test('an entry that vanishes while the store is read is passed over', async (context) => {
  const { store, path, certificates } = bed(context);
  await store.add(ada.der, named('Ada'), 'New');
  await store.add(grace.der, named('Grace'), 'New');
  const seen: string[] = [];
  for await (const entry of store.entries()) {
    assert.ok(!isCorrupt(entry));
    seen.push(entry.thumbprint);
    const gone = entry.thumbprint === ada.thumbprint ? grace : ada;
    if (seen.length === 1) renameSync(join(certificates, gone.thumbprint), join(path, 'gone'));
  }
  assert.equal(seen.length, 1);
});
