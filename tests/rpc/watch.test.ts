/** The watch over embedded readers: what comes of cards that come and go. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, before, beforeEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { plainWatch } from '../../build/engine-client.js';
import { CertPropError } from '../../engine/errors.js';
import type { PolicyName } from '../../engine/policy/policies.js';
import type { Parameters, StreamEvent } from '../../engine/rpc/contract.js';
import { watchCards } from '../../engine/rpc/handlers/watch.js';
import type { World } from '../../engine/rpc/world.js';
import { profileStore } from '../../engine/store/profile.js';
import { muteCardFile } from '../../engine/virtual/card-file.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { collect } from '../support/collect.js';
import { embeddedWorld } from '../support/embedded-world.js';

let first = '';
let second = '';
before(async () => {
  first = writeCardImage((await makeSampleCard()).state);
  second = writeCardImage((await makeSampleCard()).state);
});

let folder = '';
let policies: Map<PolicyName, number>;
let stop: AbortController;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-watch-'));
  for (const reader of ['A', 'B']) await mkdir(join(folder, 'readers', reader), { recursive: true });
  policies = new Map();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true });
});

/** At once, as a card is inserted. */
async function insert(reader: string, image: string): Promise<void> {
  const temporary = join(folder, 'card.json');
  await writeFile(temporary, image);
  await rename(temporary, join(folder, 'readers', reader, 'card.json'));
}

async function pull(reader: string): Promise<void> {
  await rm(join(folder, 'readers', reader, 'card.json'));
}

function world(changes: Partial<World> = {}): World {
  return embeddedWorld(join(folder, 'readers'), {
    policies: {
      read: () => Promise.resolve({ place: { kind: 'File', file: '/policy.json' }, given: policies }),
    },
    ...changes,
  });
}

const options: Omit<Parameters<'watch/run'>, 'storePlace'> = {
  ...plainWatch,
  ...{ progressToken: 1, storeName: 'My' },
};

interface Watch {
  /** What is told next, in short; skips nothing. */
  next(): Promise<string>;
  /** The next results and problems, up to the n-th. */
  take(count: number): Promise<string[]>;
  readonly ended: Promise<number>;
}

function start(given: Partial<Parameters<'watch/run'>> = {}, outside: World = world()): Watch {
  const told: string[] = [];
  let wake = (): void => undefined;
  const ended = watchCards(
    outside,
    { ...options, storePlace: { kind: 'Folder', path: join(folder, 'store') }, ...given },
    {
      signal: stop.signal,
      stream: (event) => {
        told.push(inShort(event));
        wake();
        return Promise.resolve();
      },
    },
  ).then(({ count }) => count);
  ended.catch(() => undefined);
  const next = async (): Promise<string> => {
    while (told.length === 0) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      await Promise.race([woken, ended]);
    }
    return told.shift() ?? '';
  };
  return {
    next,
    ended,
    async take(count) {
      const taken: string[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
  };
}

function inShort(event: StreamEvent): string {
  if (event.kind === 'change') return `${event.change} ${event.readerName}`;
  if (event.kind === 'result') return `${event.result.store} ${event.result.action} ${event.result.reason}`;
  return 'error' in event ? `${event.kind} ${event.error.id}` : event.kind;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}

async function countIn(store: string): Promise<number> {
  const entries = profileStore(join(folder, 'store'), store).entries();
  return (await collect(entries)).length;
}

const added = [...Array<string>(3).fill('My Added NotInStore'), 'SmartCardRoot Added NotInStore'];
const unchanged = [
  ...Array<string>(3).fill('My Unchanged AlreadyInStore'),
  'SmartCardRoot Unchanged AlreadyInStore',
];

test('a card that is inserted already is propagated, and each that comes', async () => {
  await insert('A', first);
  const watch = start();
  assert.deepEqual(await watch.take(5), ['Inserted A', ...added]);
  await insert('B', second);
  assert.deepEqual(await watch.take(5), ['Inserted B', ...added]);
  assert.equal(await countIn('My'), 6);
});

test('by default policy nothing is taken back when a card is removed', async () => {
  await insert('A', first);
  const watch = start();
  await watch.take(5);
  await pull('A');
  assert.equal(await watch.next(), 'Removed A');
  await insert('A', first);
  assert.deepEqual(await watch.take(5), ['Inserted A', ...unchanged]);
});

test('a card that is pulled and inserted again at once is seen as both, and loses nothing', async () => {
  policies.set('RootCertificateCleanupOption', 1);
  await insert('A', first);
  const watch = start({ removeOnCardRemoval: true });
  await watch.take(5);
  await insert('A', first);
  assert.deepEqual(await watch.take(6), ['Removed A', 'Inserted A', ...unchanged]);
});

test('where policy cleans up on removal, the roots of the card go, unless another card has them', async () => {
  policies.set('RootCertificateCleanupOption', 1);
  await insert('A', first);
  await insert('B', first);
  const watch = start();
  await watch.take(10);
  await pull('A');
  assert.equal(await watch.next(), 'Removed A');
  await insert('A', second);
  assert.deepEqual(await watch.take(5), ['Inserted A', ...added]);
  await pull('B');
  assert.deepEqual(await watch.take(2), ['Removed B', 'SmartCardRoot Removed Mark']);
  assert.deepEqual([await countIn('My'), await countIn('SmartCardRoot')], [6, 1]);
});

test('roots that somebody else put there are left', async () => {
  policies.set('RootCertificateCleanupOption', 1);
  await insert('A', first);
  const watch = start();
  await watch.take(5);
  const store = profileStore(join(folder, 'store'), 'SmartCardRoot');
  const [root] = await collect(store.entries());
  assert.ok(root !== undefined && 'certificate' in root);
  await store.add(root.certificate, new Map(), 'ReplaceExisting');
  await pull('A');
  assert.equal(await watch.next(), 'Removed A');
  await insert('A', first);
  assert.equal((await watch.take(5))[4], 'SmartCardRoot Unchanged AlreadyInStore');
});

test('with removeOnCardRemoval the certificates go with their card', async () => {
  await insert('A', first);
  const watch = start({ removeOnCardRemoval: true });
  await watch.take(5);
  await pull('A');
  const told = await watch.take(4);
  assert.equal(told[0], 'Removed A');
  assert.deepEqual(new Set(told.slice(1)), new Set(['My Removed SmartCardKeyLink']));
  assert.deepEqual([await countIn('My'), await countIn('SmartCardRoot')], [0, 1]);
});

test('what an earlier run left behind is cleaned up at the start', async () => {
  policies.set('RootCertificateCleanupOption', 1);
  await insert('A', first);
  const killed = start();
  await killed.take(5);
  stop.abort();
  await assert.rejects(killed.ended);
  await pull('A');
  stop = new AbortController();
  assert.equal(await start().next(), 'SmartCardRoot Removed Mark');
  assert.equal(await countIn('SmartCardRoot'), 0);
});

test('nothing is cleaned up while a card can’t be read', async () => {
  policies.set('RootCertificateCleanupOption', 1);
  await insert('A', first);
  await insert('B', muteCardFile);
  const watch = start();
  const told = await watch.take(7);
  assert.ok(told.includes('warning CardMute'), told.join(', '));
  await pull('A');
  assert.deepEqual(await watch.take(3), ['Removed A', 'warning CardMute', 'warning ReadersNotReadable']);
  assert.equal(await countIn('SmartCardRoot'), 1);
});

test('policy is read anew with each card', async () => {
  policies.set('CertPropEnabled', 0);
  await insert('A', first);
  const watch = start();
  assert.deepEqual(await watch.take(5), [
    'Inserted A',
    ...Array<string>(4).fill('My Skipped PolicyDisabled'),
  ]);
  policies.set('CertPropEnabled', 1);
  await insert('A', first);
  assert.deepEqual(await watch.take(6), ['Removed A', 'Inserted A', ...added]);
});

test('in a remote session nothing is propagated, and everything is named', async () => {
  await insert('A', first);
  const watch = start({}, world({ isRemoteSession: () => Promise.resolve(true) }));
  assert.deepEqual(await watch.take(5), ['Inserted A', ...Array<string>(4).fill('My Skipped RemoteSession')]);
});

test('only the readers that were named count', async () => {
  await insert('A', first);
  await insert('B', second);
  const watch = start({ readers: ['b*'] });
  assert.deepEqual(await watch.take(5), ['Inserted B', ...added]);
});

test('under whatIf nothing is written', async () => {
  await insert('A', first);
  const watch = start({ whatIf: true });
  assert.deepEqual(await watch.take(5), ['Inserted A', ...added]);
  await assert.rejects(countIn('My'), { id: 'StoreUnavailable' });
});

test('an error with one card does not end the watch', async () => {
  let isBroken = true;
  const source = world();
  const read = source.policies.read.bind(source.policies);
  const broken = () => Promise.reject(new CertPropError('PolicyNotReadable', 'Access denied.'));
  const watch = start({}, { ...source, policies: { read: () => (isBroken ? broken() : read()) } });
  assert.equal(await watch.next(), 'error PolicyNotReadable');
  await insert('A', first);
  assert.deepEqual(await watch.take(2), ['Inserted A', 'error PolicyNotReadable']);
  isBroken = false;
  await insert('A', first);
  assert.deepEqual(await watch.take(6), ['Removed A', 'Inserted A', ...added]);
});

test('a store that can’t be is told at once', async () => {
  await writeFile(join(folder, 'file'), '');
  for (const path of ['relative', join(folder, 'file', 'store'), join(folder, 'mistyped', 'store')]) {
    const storePlace = { kind: 'Folder', path } as const;
    await assert.rejects(start({ storePlace }).ended, { id: 'StoreUnavailable' }, path);
  }
});

test(
  'its time is up also if nothing has happened and memory was freed meanwhile',
  { timeout: 20_000 },
  async () => {
    const watch = start({ milliseconds: 500 });
    await turn();
    collectGarbage();
    assert.equal(await watch.ended, 0);
  },
);

test('it ends when the time is up, with the number of results', async () => {
  await insert('A', first);
  const watch = start({ milliseconds: 1500 });
  await watch.take(5);
  assert.equal(await watch.ended, 4);
});
