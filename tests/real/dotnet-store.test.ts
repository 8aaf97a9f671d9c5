/** .NET's own stores, as CertProp and as .NET programs see them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { dotnetStore } from '../../engine/store/dotnet.js';
import { encodeText } from '../../engine/store/serialized.js';
import { propertyId } from '../../engine/store/property-id.js';
import type { AddDisposition, CertificateStore } from '../../engine/store/store.js';
import { ada, grace } from '../store/certificates.js';
import { collect } from '../support/collect.js';
import { linuxWitness, skipWithoutDotnet, type Witness } from '../support/dotnet-witness.js';
import { skipWithoutPwsh } from '../support/pwsh.js';

const run = promisify(execFile);
const noProperties = new Map<number, Uint8Array>();
const always = () => true;
const unchanging: readonly AddDisposition[] = [
  'UseExisting',
  'ReplaceExisting',
  'Always',
  'ReplaceExistingInheritProperties',
];
const refusing: readonly AddDisposition[] = ['New', 'Newer', 'NewerInheritProperties'];

describe("the stores of .NET's X509Store", { skip: skipWithoutDotnet() }, () => {
  const home = process.env.HOME;
  let folder: string;
  let witness: Witness;
  let stores = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-dotnet-'));
    witness = await linuxWitness(folder, process.env);
    // .NET's stores lie in the home folder; it looks there when it is started.
    process.env.HOME = folder;
  });
  after(async () => {
    if (home === undefined) delete process.env.HOME;
    else process.env.HOME = home;
    await rm(folder, { recursive: true });
  });

  function newStore(): Promise<CertificateStore> {
    return dotnetStore('CurrentUser', `Test ${String((stores += 1))}`);
  }

  async function holding(...certificates: Uint8Array[]): Promise<CertificateStore> {
    const store = await newStore();
    for (const certificate of certificates) await store.add(certificate, noProperties, 'New');
    return store;
  }

  test('a store that is not there is empty, and reading does not create it', async () => {
    const store = await newStore();
    assert.deepEqual(await collect(store.entries()), []);
    assert.equal(await store.find(ada.thumbprint), null);
    assert.equal(await store.remove(ada.thumbprint, always), false);
    const stored = join(folder, '.dotnet', 'corefx', 'cryptography', 'x509stores');
    assert.ok(!existsSync(stored) || !(await readdir(stored)).includes(store.name.toLowerCase()));
  });

  test('a .NET program sees what is added, and nothing of what is removed', async () => {
    const store = await newStore();
    assert.equal(await store.add(ada.der, noProperties, 'New'), 'Added');
    assert.equal(await store.add(grace.der, noProperties, 'New'), 'Added');
    const seen = await witness.list('CurrentUser', store.name);
    assert.deepEqual(seen.map(({ thumbprint }) => thumbprint).sort(), [grace.thumbprint, ada.thumbprint]);
    assert.ok(seen.some(({ certificate }) => certificate === Buffer.from(ada.der).toString('base64')));
    assert.equal(await store.remove(ada.thumbprint, always), true);
    assert.deepEqual(
      (await witness.list('CurrentUser', store.name)).map(({ thumbprint }) => thumbprint),
      [grace.thumbprint],
    );
  });

  test('what a .NET program adds is listed and found, and gone when it removes it', async () => {
    const store = await newStore();
    await witness.add('CurrentUser', store.name, grace.der);
    const found = await store.find(grace.thumbprint);
    assert.deepEqual([found?.thumbprint, found?.properties.size], [grace.thumbprint, 0]);
    assert.deepEqual(Buffer.from(found?.certificate ?? []), Buffer.from(grace.der));
    assert.deepEqual(await collect(store.entries()), [found]);
    await witness.remove('CurrentUser', store.name, grace.thumbprint);
    assert.equal(await store.find(grace.thumbprint), null);
  });

  test("PowerShell's X509Store sees it too", { skip: skipWithoutPwsh() }, async () => {
    const store = await dotnetStore('CurrentUser', 'My');
    await store.add(ada.der, noProperties, 'New');
    const script =
      "$s = [Security.Cryptography.X509Certificates.X509Store]::new('My', 'CurrentUser'); $s.Open('ReadOnly'); $s.Certificates.Thumbprint";
    const { stdout } = await run('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script]);
    assert.equal(stdout.trim(), ada.thumbprint);
    await store.remove(ada.thumbprint, always);
  });

  test('properties are not kept, and the store says so', async () => {
    const store = await newStore();
    assert.equal(store.keepsProperties, false);
    const named = new Map([[propertyId.friendlyName, encodeText('Ada')]]);
    await store.add(ada.der, named, 'New');
    assert.equal((await store.find(ada.thumbprint))?.properties.size, 0);
    assert.equal(await store.add(ada.der, named, 'ReplaceExistingInheritProperties'), 'Unchanged');
  });

  for (const disposition of unchanging) {
    test(`with ${disposition}, a certificate that is there is unchanged, one that is not is added`, async () => {
      const store = await holding(ada.der);
      assert.equal(await store.add(ada.der, noProperties, disposition), 'Unchanged');
      assert.equal(await store.add(grace.der, noProperties, disposition), 'Added');
    });
  }

  for (const disposition of refusing) {
    test(`with ${disposition}, a certificate that is there is refused, one that is not is added`, async () => {
      const store = await holding(ada.der);
      await assert.rejects(store.add(ada.der, noProperties, disposition), { id: 'CertificateExists' });
      assert.equal(await store.add(grace.der, noProperties, disposition), 'Added');
    });
  }

  test('a removal that is no longer wanted is left', async () => {
    const store = await holding(ada.der);
    const asked: string[] = [];
    const removed = await store.remove(ada.thumbprint, ({ thumbprint }) => {
      asked.push(thumbprint);
      return false;
    });
    assert.deepEqual([removed, asked], [false, [ada.thumbprint]]);
    assert.notEqual(await store.find(ada.thumbprint), null);
  });

  test('a certificate with its private key in the store is not removed: the key would go too', async () => {
    const store = await newStore();
    const [entry] = await witness.addWithKey('CurrentUser', store.name);
    assert.equal(entry?.hasPrivateKey, true);
    await assert.rejects(store.remove(entry.thumbprint, always), {
      id: 'PrivateKeyInStore',
      details: { thumbprint: entry.thumbprint },
    });
    assert.equal(
      await store.add(Buffer.from(entry.certificate, 'base64'), noProperties, 'Always'),
      'Unchanged',
    );
    assert.deepEqual(await witness.list('CurrentUser', store.name), [entry]);
  });

  test('bytes that .NET does not read as just this certificate are refused', async () => {
    const store = await newStore();
    const trailing = Buffer.concat([ada.der, Buffer.from([0, 0])]);
    for (const bytes of [Buffer.from([1, 2, 3]), trailing, Buffer.from('-----BEGIN CERTIFICATE-----')]) {
      await assert.rejects(store.add(bytes, noProperties, 'New'), { id: 'MalformedCertificate' });
    }
    assert.deepEqual(await witness.list('CurrentUser', store.name), []);
  });

  test("the machine's store of personal certificates does not exist off Windows", async () => {
    const store = await dotnetStore('LocalMachine', 'My');
    await assert.rejects(store.find(ada.thumbprint), {
      id: 'StoreUnavailable',
      message: /LocalMachine\\My/u,
    });
    await assert.rejects(collect(store.entries()), { id: 'StoreUnavailable' });
    await assert.rejects(store.add(ada.der, noProperties, 'New'), { id: 'StoreUnavailable' });
  });

  test("the machine's roots are read; changing them is denied", async () => {
    const store = await dotnetStore('LocalMachine', 'Root');
    assert.equal(await store.find(ada.thumbprint), null);
    await assert.rejects(store.add(ada.der, noProperties, 'New'), {
      id: 'StoreAccessDenied',
      message: /LocalMachine\\Root.*CurrentUser/u,
    });
  });

  test('where .NET cannot write, the store is not available, and the error says what .NET says', async (context) => {
    const store = await newStore();
    await blockStore(context, store.name);
    await assert.rejects(store.add(ada.der, noProperties, 'New'), (error: Error) => {
      assert.match(error.message, /CurrentUser\\Test/u);
      return 'id' in error && error.id === 'StoreUnavailable';
    });
  });

  /** A file where .NET would make the store's folder. */
  async function blockStore(context: TestContext, name: string): Promise<void> {
    const path = join(folder, '.dotnet', 'corefx', 'cryptography', 'x509stores', name.toLowerCase());
    await writeFile(path, '');
    context.after(() => rm(path));
  }

  test('a name that is no store name is refused', async () => {
    for (const name of ['', '../my', 'a/b', 'nul']) {
      await assert.rejects(dotnetStore('CurrentUser', name), { id: 'StoreNameInvalid' });
    }
  });

  test('.NET opens no diagnostics pipe in the engine', async () => {
    await newStore();
    const names = await readdir(process.env.TMPDIR ?? '/tmp');
    const pipe = new RegExp(`^(?:clr-debug-pipe|dotnet-diagnostic)-${String(process.pid)}-`, 'u');
    assert.deepEqual(
      names.filter((name) => pipe.test(name)),
      [],
    );
  });
});
