import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Handle } from '../../engine/native/crypt32.js';
import { mostStored } from '../../engine/provider/messages.js';
import { ProviderError } from '../../engine/provider/provider-error.js';
import { readStores, type StoreFunctions } from '../../engine/provider/stores.js';

const NTE_NOT_FOUND = 0x80090011;
const E_FAIL = 0x80004005;
const element = Uint8Array.of(1, 2, 3);

/** One store with so many certificates, which knows what is open. Handles count up from 1. */
function fakeStore(certificates: number, serialize: StoreFunctions['serialize'] = () => element) {
  const open = new Set<Handle>();
  let last = 0;
  const opened = (): Handle => {
    open.add(++last);
    return last;
  };
  const end = (handle: Handle): void => {
    assert.ok(open.delete(handle), 'what is ended was open');
  };
  let given = 0;
  const functions: StoreFunctions = {
    nextCertificate(_store, previous) {
      if (previous !== null) end(previous);
      return given++ < certificates ? opened() : null;
    },
    freeCertificate: end,
    closeStore: end,
    serialize,
    lastError: () => E_FAIL,
  };
  return { open, opened, functions };
}

/** What is said of a provider whose user store is this one and which has no root store. */
function read({ open, opened, functions }: ReturnType<typeof fakeStore>): readonly unknown[] {
  const said: unknown[] = [];
  readStores(
    functions,
    (name) => {
      if (name === 'User') return opened();
      throw new ProviderError('has none', NTE_NOT_FOUND);
    },
    (message) => said.push(message),
  );
  assert.deepEqual([...open], [], 'nothing stays open');
  return said;
}

const stored = { kind: 'StoreCertificate', store: 'User', element: 'AQID' };

test('each certificate is said with its store, and a store that is not there is nothing to tell', () => {
  assert.deepEqual(read(fakeStore(2)), [stored, stored]);
});

test('a store without certificates is closed too', () => {
  assert.deepEqual(read(fakeStore(0)), []);
});

test('as many certificates as a store may have are said, and one more is a problem', () => {
  assert.equal(read(fakeStore(mostStored)).length, mostStored);
  assert.deepEqual(read(fakeStore(mostStored + 1)).slice(mostStored), [
    { kind: 'Problem', problem: 'claims more than 256 certificates with its User certificate store' },
  ]);
});

for (const [what, outcome, problem] of [
  ['can’t be serialized', null, 'failed in CertSerializeCertificateStoreElement (0x80004005)'],
  ['is too large', 'tooLarge', 'gives more than 131070 bytes'],
] as const) {
  test(`a certificate that ${what} is a problem, and the others are said`, () => {
    const outcomes = [element, outcome, element];
    assert.deepEqual(read(fakeStore(3, () => outcomes.shift() ?? null)), [
      stored,
      { kind: 'Problem', problem: `${problem} with a certificate of its User certificate store` },
      stored,
    ]);
  });
}

test('what is no fault of the provider’s ends the reading, and leaves nothing open', () => {
  const store = fakeStore(2, () => {
    throw new TypeError('a mistake');
  });
  assert.throws(() => read(store), TypeError);
  assert.deepEqual([...store.open], []);
});
