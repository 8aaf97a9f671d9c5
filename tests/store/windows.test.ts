import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeProvider, type Crypt32, type Handle } from '../../engine/native/crypt32.js';
import type { StoreLocation } from '../../engine/store/place.js';
import { encodeElement, maxElementBytes } from '../../engine/store/serialized.js';
import { isCorrupt, type CertificateStore } from '../../engine/store/store.js';
import { crypt32Store, windowsStore } from '../../engine/store/windows.js';
import { ada, grace } from './certificates.js';

/** winerror.h */
const ERROR_FILE_NOT_FOUND = 2;
const ERROR_ACCESS_DENIED = 5;
const ERROR_SHARING_VIOLATION = 32;
const ERROR_NOT_SUPPORTED = 50;
const ERROR_CANCELLED = 1223;
const ERROR_FILE_CORRUPT = 1392;

type Call = keyof Crypt32;

/** A store in memory that knows what is open, and fails where it is told to. */
function fakeCrypt32() {
  const elements = new Map<string, Uint8Array>();
  const failing = new Map<Call, number>();
  const opened: { provider: number; flags: number; name: string }[] = [];
  const dispositions: number[] = [];
  const open = new Set<Handle>();
  const contexts = new Map<Handle, string>();
  let [error, last] = [0, 0];

  const fails = (call: Call): boolean => {
    error = failing.get(call) ?? 0;
    return failing.has(call);
  };
  const handle = (): Handle => {
    open.add(++last);
    return last;
  };
  const context = (thumbprint: string | undefined): Handle | null => {
    if (thumbprint === undefined) return null;
    const certificate = handle();
    contexts.set(certificate, thumbprint);
    return certificate;
  };
  const end = (ended: Handle): void => {
    assert.ok(open.delete(ended), 'what is ended was open');
  };
  const thumbprintOf = (certificate: Handle): string => contexts.get(certificate) ?? '';

  const functions: Crypt32 = {
    openStore(provider, flags, name) {
      opened.push({ provider, flags, name });
      return fails('openStore') ? null : handle();
    },
    closeStore: end,
    nextCertificate(_store, previous) {
      const thumbprints = [...elements.keys()];
      const index = previous === null ? 0 : thumbprints.indexOf(thumbprintOf(previous)) + 1;
      if (previous !== null) end(previous);
      return context(thumbprints[index]);
    },
    findBySha1(_store, sha1) {
      const thumbprint = Buffer.from(sha1).toString('hex').toUpperCase();
      return context(elements.has(thumbprint) ? thumbprint : undefined);
    },
    freeCertificate: end,
    deleteCertificate(certificate) {
      end(certificate);
      return !fails('deleteCertificate') && elements.delete(thumbprintOf(certificate));
    },
    sha1Of: (certificate) => (fails('sha1Of') ? null : Buffer.from(thumbprintOf(certificate), 'hex')),
    serialize(certificate, mostBytes) {
      if (fails('serialize')) return null;
      const element = elements.get(thumbprintOf(certificate)) ?? Buffer.alloc(0);
      return element.length > mostBytes ? 'tooLarge' : element;
    },
    addSerialized(_store, element, disposition) {
      dispositions.push(disposition);
      if (fails('addSerialized')) return false;
      elements.set(ada.thumbprint, element);
      return true;
    },
    commit: () => !fails('commit'),
    lastError: () => error,
  };
  return { elements, failing, opened, dispositions, open, functions };
}

interface Bed {
  readonly fake: ReturnType<typeof fakeCrypt32>;
  readonly store: CertificateStore;
}

function bed(location: StoreLocation = 'CurrentUser', name = 'My'): Bed {
  const fake = fakeCrypt32();
  const damaged = { list: () => Promise.resolve([]), check: () => Promise.resolve() };
  return { fake, store: crypt32Store({ crypt32: fake.functions, damaged, location, name }) };
}

const stored = encodeElement(ada.der, new Map());
const properties = new Map([[11, Uint8Array.of(1, 0, 0, 0)]]);

async function collect(store: CertificateStore): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const entry of store.entries()) all.push(isCorrupt(entry) ? entry.name : entry.thumbprint);
  return all;
}

/** Every method, on a store that holds Ada. */
const methods: Readonly<Record<string, (store: CertificateStore) => Promise<unknown>>> = {
  entries: collect,
  find: (store) => store.find(ada.thumbprint),
  add: (store) => store.add(ada.der, properties, 'ReplaceExisting'),
  remove: (store) => store.remove(ada.thumbprint, () => true),
};

for (const [name, method] of Object.entries(methods)) {
  for (const [code, id] of [
    [ERROR_ACCESS_DENIED, 'StoreAccessDenied'],
    [ERROR_SHARING_VIOLATION, 'StoreLocked'],
    [ERROR_FILE_CORRUPT, 'StoreUnavailable'],
  ] as const) {
    void test(`${name} on a store that can't be opened for Windows' error ${code} is ${id}`, async () => {
      const { fake, store } = bed();
      fake.failing.set('openStore', code);
      const details = { hresult: 0x8007_0000 + code };
      await assert.rejects(method(store), { id, details, message: /CurrentUser\\My could not be opened/ });
    });
  }

  void test(`${name} leaves nothing open, whichever call fails`, async () => {
    const calls: (Call | null)[] = [
      null,
      'sha1Of',
      'serialize',
      'addSerialized',
      'commit',
      'deleteCertificate',
    ];
    for (const call of calls) {
      const { fake, store } = bed();
      fake.elements.set(ada.thumbprint, stored);
      if (call !== null) fake.failing.set(call, ERROR_FILE_CORRUPT);
      await method(store).catch(() => undefined);
      assert.deepEqual([...fake.open], [], String(call));
    }
  });
}

const changes: [string, Call, (store: CertificateStore) => Promise<unknown>][] = [
  ['adding', 'addSerialized', (store) => store.add(ada.der, properties, 'New')],
  ['committing', 'commit', (store) => store.add(ada.der, properties, 'New')],
  [
    'removing',
    'deleteCertificate',
    async (store) => {
      await store.add(ada.der, properties, 'New');
      return store.remove(ada.thumbprint, () => true);
    },
  ],
];
for (const [what, call, change] of changes) {
  void test(`a failure in ${what} names the certificate and Windows' number`, async () => {
    for (const [code, id] of [
      [ERROR_ACCESS_DENIED, 'StoreAccessDenied'],
      [ERROR_CANCELLED, 'StoreAccessDenied'],
      [ERROR_SHARING_VIOLATION, 'StoreLocked'],
      [0x8007_0020, 'StoreLocked'],
      [ERROR_FILE_CORRUPT, 'StoreUnavailable'],
    ] as const) {
      const { fake, store } = bed();
      fake.failing.set(call, code);
      const hresult = code > 0xffff ? code : 0x8007_0000 + code;
      await assert.rejects(change(store), { id, details: { hresult, thumbprint: ada.thumbprint } });
    }
  });
}

void test('an entry that Windows does not give is reported, and the error of finding it names it', async () => {
  const { fake, store } = bed();
  fake.elements.set(ada.thumbprint, stored);
  fake.failing.set('serialize', ERROR_FILE_CORRUPT);
  assert.deepEqual(await collect(store), [ada.thumbprint]);
  const details = { hresult: 0x8007_0570, thumbprint: ada.thumbprint };
  await assert.rejects(store.find(ada.thumbprint), { id: 'StoreUnavailable', details });
});

for (const [what, element] of [
  ['too large', Buffer.alloc(maxElementBytes + 1)],
  ['cut off', stored.subarray(0, 40)],
  ["another certificate's", encodeElement(grace.der, new Map())],
] as const) {
  void test(`an entry whose element is ${what} is corrupt, and written over by Always alone`, async () => {
    const { fake, store } = bed();
    fake.elements.set(ada.thumbprint, element);
    const corrupt = { id: 'MalformedStoreElement', details: { thumbprint: ada.thumbprint } };
    assert.deepEqual(await collect(store), [ada.thumbprint]);
    await assert.rejects(store.find(ada.thumbprint), corrupt);
    await assert.rejects(
      store.remove(ada.thumbprint, () => true),
      corrupt,
    );
    await assert.rejects(store.add(ada.der, properties, 'ReplaceExisting'), corrupt);
    assert.equal(await store.add(ada.der, properties, 'Always'), 'Replaced');
    assert.equal((await store.find(ada.thumbprint))?.thumbprint, ada.thumbprint);
    assert.equal(fake.open.size, 0);
  });
}

void test('a store that writes at once has nothing to commit', async () => {
  const { fake, store } = bed();
  fake.failing.set('commit', ERROR_NOT_SUPPORTED);
  assert.equal(await store.add(ada.der, properties, 'New'), 'Added');
});

void test('an unchanged certificate is not written', async () => {
  const { fake, store } = bed();
  assert.equal(await store.add(ada.der, properties, 'New'), 'Added');
  assert.equal(await store.add(ada.der, properties, 'ReplaceExistingInheritProperties'), 'Unchanged');
  assert.equal(fake.dispositions.length, 1);
});

void test('a new certificate takes the place of no other one', async () => {
  const { fake, store } = bed();
  await store.add(ada.der, properties, 'ReplaceExisting');
  await store.add(ada.der, new Map(), 'ReplaceExisting');
  const [CERT_STORE_ADD_REPLACE_EXISTING, CERT_STORE_ADD_ALWAYS] = [3, 4];
  assert.deepEqual(fake.dispositions, [CERT_STORE_ADD_ALWAYS, CERT_STORE_ADD_REPLACE_EXISTING]);
});

void test("the location's own physical store is opened, with archived certificates; to read, for reading alone", async () => {
  for (const [location, locationFlag] of [
    ['CurrentUser', 0x10000],
    ['LocalMachine', 0x20000],
  ] as const) {
    const { fake, store } = bed(location, 'Root');
    await store.find(ada.thumbprint);
    const flags = locationFlag | 0x200 | 0x4000 | 0x8000;
    assert.deepEqual(fake.opened, [{ provider: storeProvider.physical, flags, name: 'Root\\.Default' }]);
  }
});

void test('one of Windows’ own stores that is missing is empty, and no other is', async () => {
  const { fake, store } = bed('LocalMachine', 'smartcardroot');
  fake.failing.set('openStore', ERROR_FILE_NOT_FOUND);
  assert.deepEqual(await collect(store), []);
  assert.equal(await store.find(ada.thumbprint), null);
  assert.equal(await store.remove(ada.thumbprint, () => true), false);
  const mistyped = bed('LocalMachine', 'SmartCardRoots');
  mistyped.fake.failing.set('openStore', ERROR_FILE_NOT_FOUND);
  for (const method of Object.values(methods)) {
    await assert.rejects(method(mistyped.store), { id: 'StoreNotFound', details: { hresult: 0x8007_0002 } });
  }
});

void test('a thumbprint that is none is not found', async () => {
  assert.equal(await bed().store.find('xyz'), null);
  assert.equal(await bed().store.remove('12', () => true), false);
});

void test('a store name that is no name is refused before anything is loaded', async () => {
  await assert.rejects(windowsStore('CurrentUser', 'My\\.Default'), { id: 'StoreNameInvalid' });
});
