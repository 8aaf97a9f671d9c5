/** Profiles that are looked through in threads: the built engine's script is what each thread runs. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test } from 'node:test';
import { moduleFolder } from '../../build/root.js';
import type { CurrentUser } from '../../engine/policy/current-user.js';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import type { Profile } from '../../engine/profiles/profile.js';
import { everything } from '../../engine/propagation/selection.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { lookThroughAll, type Looking } from '../../engine/rpc/look-ahead.js';
import { lookThrough } from '../../engine/rpc/look-through.js';
import type { Emit } from '../../engine/rpc/profile-looking.js';
import { startProfileThreads } from '../../engine/rpc/profile-threads.js';
import { profileSource, type StoreSource } from '../../engine/rpc/store-sources.js';
import { startWaitMeter } from '../../engine/rpc/wait-meter.js';
import { skipElsewhere } from '../backup/bed.js';
import { hostileKinds } from '../support/profile-trees/hostile.js';
import { makeTrees, type Trees } from '../support/profile-trees/trees.js';

const skip = skipElsewhere;
const never = new AbortController().signal;
const script = join(moduleFolder, 'engine', 'certprop.cjs');
const wanted = { selection: everything, storeNames: ['My', 'Request'], summary: false, now: 0 };
const hives = { isLoaded: () => Promise.resolve(false), openStore: () => assert.fail() };

let made: Trees | null = null;
after(() => made?.remove());
const trees = (): Trees => (made ??= makeTrees(2 * hostileKinds.length, 2));

function profiles(): readonly Profile[] {
  return readdirSync(trees().profiles)
    .toSorted()
    .map((name) => ({
      path: join(trees().profiles, name),
      ...{ userName: name, sid: null, isRoaming: null },
    }));
}

const nobody: CurrentUser = { userName: null, profilePath: null };

async function* sourcesOf(found: readonly Profile[], user = nobody): AsyncGenerator<StoreSource> {
  await Promise.resolve();
  for (const profile of found) yield profileSource({ openProfileStore, hives }, profile, user);
}

interface Told {
  readonly events: readonly StreamEvent[];
  /** The profiles that this thread looked through. */
  readonly here: readonly string[];
}

async function tell(
  sources: AsyncGenerator<StoreSource>,
  changes: Partial<Pick<Looking, 'startThreads' | 'emit'>> & { readonly summary?: boolean } = {},
): Promise<Told> {
  const asked = { ...wanted, summary: changes.summary ?? false };
  const events: StreamEvent[] = [];
  const here: string[] = [];
  const emit: Emit = (event) => {
    events.push(event);
    return Promise.resolve();
  };
  await lookThroughAll(sources, {
    here: async (source) => {
      here.push(basename(source.profile?.path ?? ''));
      await lookThrough(source, asked, () => Promise.resolve(null), emit, never);
    },
    startThreads: () => startProfileThreads(script, asked, never),
    startMeter: () => () => true,
    emit,
    ...changes,
  });
  return { events, here };
}

test('threads tell what one thread tells, in the same order', { skip }, async () => {
  for (const summary of [false, true]) {
    const alone = await tell(sourcesOf(profiles()), { startThreads: null, summary });
    const together = await tell(sourcesOf(profiles()), { summary });
    assert.equal(alone.here.length, profiles().length);
    assert.deepEqual(together.here, []);
    assert.deepEqual(together.events, alone.events);
    assert.ok(alone.events.some(({ kind }) => kind === 'warning'));
  }
});

test("the session's own profile is looked through here, where its cards are seen", { skip }, async () => {
  const [, , own] = profiles();
  assert.ok(own);
  const user = { userName: own.userName, profilePath: own.path };
  const { here } = await tell(sourcesOf(profiles(), user));
  assert.deepEqual(here, [basename(own.path)]);
});

test('of a profile with very much in it everything is told', { skip }, async () => {
  const [first, full] = profiles();
  assert.ok(first && full);
  const folder = join(
    full.path,
    'AppData',
    'Roaming',
    'Microsoft',
    'SystemCertificates',
    'Request',
    'Certificates',
  );
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < 1000; number++)
    writeFileSync(join(folder, number.toString(16).padStart(40, '0').toUpperCase()), '');
  const { events } = await tell(sourcesOf([first, full]));
  assert.equal(events.filter(({ kind }) => kind === 'warning').length >= 1000, true);
});

test('a thread that can not start is an error, after which nothing waits', { skip }, async () => {
  const startThreads = () => startProfileThreads('/nowhere/engine.cjs', wanted, never);
  await assert.rejects(tell(sourcesOf(profiles()), { startThreads }), { code: 'MODULE_NOT_FOUND' });
});

test('when telling fails the threads end, in the middle of a profile too', { skip }, async () => {
  let count = 0;
  const emit: Emit = () =>
    ++count > 20 ? Promise.reject(new Error('The client has gone.')) : Promise.resolve();
  await assert.rejects(tell(sourcesOf(profiles()), { emit }), { message: 'The client has gone.' });
});

test('cancelled, nobody waits for a thread any longer', { skip }, async () => {
  const cancelled = new AbortController();
  const startThreads = () => startProfileThreads(script, wanted, cancelled.signal);
  const emit: Emit = () => {
    cancelled.abort();
    return Promise.resolve();
  };
  await assert.rejects(tell(sourcesOf(profiles()), { startThreads, emit }), { name: 'AbortError' });
});

test('waiting is what goes by without work of this process: four fifths of the time or more', () => {
  let [now, worked] = [0, 0];
  const isWaiting = startWaitMeter(
    () => now,
    () => worked,
  );
  [now, worked] = [499, 0];
  assert.equal(isWaiting(), false, 'too early');
  [now, worked] = [1000, 199];
  assert.equal(isWaiting(), true);
  [now, worked] = [1050, 0];
  assert.equal(isWaiting(), false, 'looked at a moment ago');
  [now, worked] = [1100, 221];
  assert.equal(isWaiting(), false);
});
