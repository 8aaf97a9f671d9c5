import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseError } from 'vscode-jsonrpc';
import { type Method, parameters, type Parameters } from '../../engine/rpc/contract.js';
import { checkedParameters, isMethod } from '../../engine/rpc/validation.js';

const thumbprint = '0123456789ABCDEF0123456789ABCDEF01234567';
const streaming = { progressToken: 1, trace: 'None' } as const;
const reading = { allSlots: false, pkcs11Module: '/lib/p11.so' };
const store = { storePlace: { kind: 'System', location: 'CurrentUser' }, storeName: 'My' } as const;

const stores = {
  storePlace: { kind: 'Profiles' as const, paths: ['/home/*'] },
  storeNames: ['My'],
};
const selectors = {
  thumbprints: [thumbprint],
  subjects: ['S'],
  issuers: ['I'],
  serialNumbers: ['01'],
  cardIds: ['C'],
  readers: ['R'],
  notOnCard: false,
  expired: false,
  evidence: 'KeyLink' as const,
  foreignUser: true,
  olderThan: 0,
  pkcs11Module: null,
};

const valid: { readonly [M in Method]: Parameters<M> } = {
  'engine/info': {},
  'reader/list': {},
  'card/list': { ...streaming, readers: ['R*'] },
  'certificate/list': {
    ...streaming,
    readers: ['R*'],
    thumbprints: [thumbprint],
    roots: false,
    ...reading,
  },
  'propagation/plan': {
    ...streaming,
    ...store,
    readers: null,
    targets: [0, 1, 2, 3].map(() => ({ readerName: 'R', cardId: 'C', thumbprint })),
    keyProvider: 'Auto',
    keyContainer: 'K',
    ignorePolicy: false,
    allowUnlinked: false,
    includeIntermediate: false,
    includeRemote: false,
    scope: null,
    sourcePaths: null,
    ...reading,
  },
  'inventory/list': { ...streaming, ...stores, ...selectors, summary: true },
  'removal/plan': {
    ...streaming,
    ...stores,
    ...selectors,
    named: false,
    roots: false,
    backup: { folder: null, run: '1' },
  },
  'restoration/plan': {
    ...streaming,
    storePlace: stores.storePlace,
    backupPath: '/backup/run',
    thumbprints: null,
  },
  'watch/run': {
    ...streaming,
    ...store,
    ...reading,
    readers: null,
    keyProvider: 'Auto',
    ignorePolicy: false,
    allowUnlinked: false,
    includeIntermediate: false,
    includeRemote: false,
    scope: 'Any',
    removeOnCardRemoval: true,
    whatIf: false,
    milliseconds: 1000,
  },
  'propagation/test': { ...streaming, ...store, readers: null, pkcs11Module: null, rdpFile: '/file.rdp' },
  'plan/apply': { ...streaming, planId: 1, indexes: [0] },
  'plan/discard': { planId: 1 },
  'policy/read': { ...streaming },
  'counter/read': { ...streaming, readers: ['R'] },
  'counter/write': {
    ...streaming,
    readerName: 'R',
    cardId: 'C',
    increment: ['Container'],
    containersFreshness: null,
    filesFreshness: 0xffff,
    pin: [49, 50],
    force: false,
  },
  'card/add-certificate': {
    ...streaming,
    ...{ readerName: 'R', cardId: 'C', backupFolder: null },
    credential: { kind: 'Pin', bytes: [49, 50] },
    certificate: { kind: 'Data', data: 'MAA=' },
    target: { kind: 'Key', container: null, keySpec: 'Signature', force: false },
  },
  'card/remove-certificate': {
    ...streaming,
    ...{ readerName: 'R', cardId: null, backupFolder: '/backup', thumbprint: '0'.repeat(40) },
    credential: { kind: 'ManagementKeyFile', path: '/key' },
  },
  'cache/read': { ...streaming, readers: ['R'] },
};

const methods = Object.keys(parameters).filter(isMethod);

function refusal(method: Method, given: unknown): { code: number; message: string; data: unknown } {
  try {
    checkedParameters(method, given);
  } catch (error) {
    assert.ok(error instanceof ResponseError);
    return { code: error.code, message: error.message, data: error.data as unknown };
  }
  assert.fail(`${method} took ${JSON.stringify(given)}`);
}

function assertNamed(method: Method, given: unknown, field: string, complaint: RegExp): void {
  // A copy, since the PIN in it is overwritten.
  const { code, message, data } = refusal(method, structuredClone(given));
  assert.equal(code, -32602);
  assert.deepEqual(data, { field });
  assert.ok(message.startsWith(`${method}: ${field} `), message);
  assert.match(message, complaint);
}

/** Fields that hold an object. */
const objects: ReadonlySet<string> = new Set(['storePlace', 'backup', 'credential', 'certificate', 'target']);

for (const method of methods) {
  test(`${method} takes what the contract says`, () => {
    assert.deepEqual(checkedParameters(method, structuredClone(valid[method])), valid[method]);
  });

  for (const field of Object.keys(valid[method])) {
    test(`${method} without ${field} is refused, naming it`, () => {
      const others = Object.entries(valid[method]).filter(([name]) => name !== field);
      assertNamed(method, Object.fromEntries(others), field, /is missing\.$/);
    });

    test(`${method} with something else as ${field} is refused, naming it`, () => {
      assertNamed(
        method,
        { ...valid[method], [field]: objects.has(field) ? 7 : { not: 'this' } },
        field,
        / must be /,
      );
    });
  }

  test(`${method} with an unknown field is refused, naming it`, () => {
    assertNamed(method, { ...valid[method], extra: 1 }, 'extra', /is not a known field\.$/);
    const inherited = Object.defineProperty({ ...valid[method] }, '__proto__', {
      value: 1,
      enumerable: true,
    });
    assertNamed(method, inherited, '__proto__', /is not a known field\.$/);
  });

  test(`${method} with parameters by position is refused`, () => {
    assertNamed(method, [], 'params', /must be an object/);
  });
}

test('a store place of another kind, or without what its kind needs, is refused, naming it', () => {
  const given = valid['propagation/plan'];
  assertNamed('propagation/plan', { ...given, storePlace: { kind: 'Cloud' } }, 'storePlace.kind', /must be/);
  assertNamed('propagation/plan', { ...given, storePlace: { kind: 'Folder' } }, 'storePlace.path', /missing/);
});

test('absent parameters are no parameters', () => {
  assert.deepEqual(checkedParameters('engine/info', undefined), {});
  assertNamed('plan/discard', undefined, 'planId', /is missing/);
});

test('a field inside a list is named by its path', () => {
  const plan = valid['propagation/plan'];
  const targets = structuredClone(plan.targets ?? []) as unknown as Record<string, unknown>[];
  assert.ok(targets[3] !== undefined);
  delete targets[3].readerName;
  assertNamed('propagation/plan', { ...plan, targets }, 'targets[3].readerName', /is missing/);
  assertNamed('counter/write', { ...valid['counter/write'], pin: [49, 256] }, 'pin[1]', / must be <=255\.$/);
  assertNamed(
    'certificate/list',
    { ...valid['certificate/list'], thumbprints: ['x'] },
    'thumbprints[0]',
    /must be/,
  );
});

test('the name of an unknown field is shown in full only if it is short, and cannot disguise itself', () => {
  const { message, data } = refusal('engine/info', { ['\u202e'.repeat(5000)]: 1 });
  assert.ok(message.length < 2500, String(message.length));
  assert.match(JSON.stringify(data), /^\{"field":"(\\\\u\{202e\}){200}\.\.\."\}$/);
});

test('no value is shown: it may be a PIN', () => {
  for (const pin of ['135790', [135790], ['135790'], 135790]) {
    const refused = refusal('counter/write', { ...valid['counter/write'], pin });
    assert.ok(!JSON.stringify(refused).includes('135790'));
  }
});

test('the PIN of the message is overwritten, whether it is taken or refused', () => {
  const taken = structuredClone(valid['counter/write']);
  assert.deepEqual(checkedParameters('counter/write', taken).pin, [49, 50]);
  assert.deepEqual(taken.pin, [0, 0]);
  const given = { pin: [49, 50] };
  refusal('counter/write', given);
  assert.deepEqual(given.pin, [0, 0]);
});

test('so is what opens a card for its certificates', () => {
  for (const method of ['card/add-certificate', 'card/remove-certificate'] as const) {
    const credential = { kind: 'ManagementKey', bytes: [49, 50] } as const;
    const taken = { ...structuredClone(valid[method]), credential: structuredClone(credential) };
    assert.deepEqual(checkedParameters(method, taken).credential, credential);
    assert.deepEqual(taken.credential.bytes, [0, 0]);
    const given = { credential: { kind: 'Pin', bytes: [49, 50] } };
    refusal(method, given);
    assert.deepEqual(given.credential.bytes, [0, 0]);
  }
});

test('what an object inherits is no method', () => {
  for (const name of ['toString', '__proto__', 'constructor', '']) assert.ok(!isMethod(name));
});
