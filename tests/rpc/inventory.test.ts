/** What is found in stores and profiles, and what is removed from them: embedded readers, and profiles in a temporary folder. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, before, beforeEach, test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import type { Profile, SkippedProfile } from '../../engine/profiles/profile.js';
import type { PlannedStep } from '../../engine/propagation/step.js';
import type { Parameters, StreamEvent } from '../../engine/rpc/contract.js';
import { listPropagated } from '../../engine/rpc/handlers/inventory.js';
import { Backups } from '../../engine/rpc/backups.js';
import { planSelected } from '../../engine/rpc/handlers/removal.js';
import type { World } from '../../engine/rpc/world.js';
import { profileStore } from '../../engine/store/profile.js';
import type { CertificateStore, Properties } from '../../engine/store/store.js';
import { muteCardFile } from '../../engine/virtual/card-file.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { sampleDer } from '../propagation/sample.js';
import { both, cardLinked, marked, softwareLinked } from '../propagation/stored-sample.js';
import { collect } from '../support/collect.js';
import { embeddedWorld } from '../support/embedded-world.js';
import { noSelectors } from '../../build/engine-client.js';

const rsa = thumbprintOf(sampleDer('user-rsa'));
const ec = thumbprintOf(sampleDer('user-ec'));
const day = 86_400_000;

let cardImage = '';
let inserted: Uint8Array = new Uint8Array();
before(async () => {
  const card = await makeSampleCard();
  cardImage = writeCardImage(card.state);
  inserted = [...card.certificates.values()][0] ?? assert.fail();
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-inventory-'));
  await mkdir(join(folder, 'readers', 'A'), { recursive: true });
  await writeFile(join(folder, 'readers', 'A', 'card.json'), cardImage);
});
afterEach(() => rm(folder, { recursive: true }));

const rootOf = (user: string): string => join(folder, 'profiles', user);

function profileOf(user: string, changes: Partial<Profile> = {}): Profile {
  return { path: rootOf(user), userName: user, sid: null, isRoaming: null, ...changes };
}

function storeOf(user: string, name = 'My'): CertificateStore {
  return profileStore(rootOf(user), name);
}

async function put(user: string, certificate: Uint8Array, properties: Properties, name = 'My') {
  await mkdir(rootOf(user), { recursive: true });
  await storeOf(user, name).add(certificate, properties, 'New');
}

/** jane's profile is that of the session. */
function world(found: readonly (Profile | SkippedProfile)[], changes: Partial<World> = {}): World {
  const each = async function* (): AsyncGenerator<Profile | SkippedProfile> {
    await Promise.resolve();
    yield* found;
  };
  return embeddedWorld(join(folder, 'readers'), {
    now: () => 100 * day,
    currentUser: () => Promise.resolve({ userName: 'jane', profilePath: rootOf('jane') }),
    ...{ findProfiles: each, allProfiles: each },
    openProfileStore: ({ path }, name) => Promise.resolve(profileStore(path, name)),
    ...changes,
  });
}

const unreadableReaders: World['readers'] = {
  list: () => Promise.reject(new CertPropError('PcscUnavailable', 'There is no smart card service.')),
  changes: () => assert.fail(),
  use: () => assert.fail(),
  close: () => Promise.resolve(),
  settled: () => Promise.resolve(),
};

const request = {
  ...noSelectors,
  ...{ progressToken: 1, trace: 'None', storeNames: ['My'] },
  storePlace: { kind: 'AllProfiles' },
} satisfies Partial<Parameters<'inventory/list'>>;

interface Told {
  readonly events: StreamEvent[];
  /** Certificates and problems, in short. */
  readonly short: readonly string[];
}

async function list(
  outside: World,
  given: Partial<Parameters<'inventory/list'>> = {},
  signal = new AbortController().signal,
): Promise<Told> {
  const events: StreamEvent[] = [];
  const stream = (event: StreamEvent) => Promise.resolve(void events.push(event));
  await listPropagated(outside, { ...request, summary: false, ...given }, { signal, stream });
  return { events, short: events.flatMap(inShort) };
}

function inShort(event: StreamEvent): readonly string[] {
  if (event.kind === 'propagated') {
    const { thumbprint, evidence, isOnCard, profileUser, storeName } = event.certificate;
    return [[profileUser, storeName, nameOf(thumbprint), evidence, isOnCard].join(' ')];
  }
  return 'error' in event ? [`${event.kind} ${event.error.id}`] : [];
}

function nameOf(thumbprint: string): string {
  return (
    new Map([
      [rsa, 'rsa'],
      [ec, 'ec'],
      [thumbprintOf(inserted), 'inserted'],
    ]).get(thumbprint) ?? thumbprint
  );
}

async function plan(
  outside: World,
  given: Partial<Parameters<'removal/plan'>>,
): Promise<readonly PlannedStep[]> {
  const { signal } = new AbortController();
  const context = { signal, stream: () => Promise.resolve() };
  const parameters = { ...request, named: false, roots: false, backup: null, ...given };
  return planSelected(outside, new Backups(outside.newBackup), parameters, context);
}

function steps(planned: readonly PlannedStep[]): readonly string[] {
  return planned.map(({ preview }) =>
    [
      preview.profilePath === null ? null : basename(preview.profilePath),
      preview.action,
      preview.reason,
    ].join(' '),
  );
}

test('what came from cards is found in every profile; only of the own one the cards are known', async () => {
  await put('jane', inserted, marked());
  await put('jane', sampleDer('user-rsa'), cardLinked());
  await put('john', inserted, both(cardLinked(), marked()));
  await put('john', sampleDer('user-rsa'), new Map());
  await put('john', sampleDer('user-ec'), both(softwareLinked(), marked()));
  await put('john', sampleDer('user-ed25519'), marked(), 'Request');
  const { short } = await list(world([profileOf('jane'), profileOf('john')]), {
    storeNames: ['My', 'Request'],
  });
  assert.deepEqual(short.toSorted(), [
    'jane My inserted Mark true',
    'jane My rsa KeyLink false',
    'john My inserted Mark ',
    `john Request ${thumbprintOf(sampleDer('user-ed25519'))} Mark `,
  ]);
});

test('a folder is looked through as one place, and whose it is nobody says', async () => {
  await put('somebody', sampleDer('user-rsa'), marked());
  const { events } = await list(world([]), { storePlace: { kind: 'Folder', path: rootOf('somebody') } });
  const [event] = events;
  assert.ok(event?.kind === 'propagated' && events.length === 1);
  const { storePath, profilePath, isForeignUser, isOnCard } = event.certificate;
  assert.deepEqual(
    [storePath, profilePath, isForeignUser, isOnCard],
    [rootOf('somebody'), null, null, false],
  );
});

test('without a smart card service there is a warning, and the stores are looked through', async () => {
  await put('jane', sampleDer('user-rsa'), marked());
  const { short } = await list(world([profileOf('jane')], { readers: unreadableReaders }));
  assert.deepEqual(short, ['warning PcscUnavailable', 'jane My rsa Mark ']);
});

test('cards are not read for profiles of others, nor where nothing is found', async () => {
  await put('john', sampleDer('user-rsa'), marked());
  await put('jane', sampleDer('user-rsa'), softwareLinked());
  const found = [profileOf('john'), profileOf('jane')];
  const { short } = await list(world(found, { readers: unreadableReaders }));
  assert.deepEqual(short, ['john My rsa Mark ']);
});

test('a card that can’t be read makes unknown what is on no other', async () => {
  await mkdir(join(folder, 'readers', 'B'));
  await writeFile(join(folder, 'readers', 'B', 'card.json'), muteCardFile);
  await put('jane', inserted, marked());
  await put('jane', sampleDer('user-rsa'), marked());
  const { short } = await list(world([profileOf('jane')]));
  assert.deepEqual(short.toSorted(), ['jane My inserted Mark true', 'jane My rsa Mark ', 'warning CardMute']);
});

test('an entry, a store and a profile that can’t be read are named, and the others go on', async () => {
  await put('jane', sampleDer('user-rsa'), marked());
  await put('john', sampleDer('user-rsa'), marked());
  await writeFile(
    join(rootOf('john'), 'SystemCertificates', 'My', 'Certificates', 'A'.repeat(40)),
    'rubbish',
  );
  const found = [
    { path: '/link', problem: '/link is a link.' },
    profileOf('gone'),
    profileOf('john'),
    profileOf('jane'),
  ];
  const { short } = await list(world(found));
  assert.deepEqual(short, [
    'warning ProfileSkipped',
    'warning StoreUnavailable',
    'john My rsa Mark ',
    'warning MalformedStoreElement',
    'jane My rsa Mark false',
  ]);
});

test('a store that was named by itself and can’t be read is an error', async () => {
  const storePlace = { kind: 'Folder', path: rootOf('nobody') } as const;
  await assert.rejects(list(world([]), { storePlace }), { id: 'StoreUnavailable' });
});

test('patterns that fit nothing, and other stores than My and Request, are errors', async () => {
  await assert.rejects(list(world([]), { storePlace: { kind: 'Profiles', paths: ['/none/*'] } }), {
    id: 'ProfileNotFound',
  });
  await put('jane', sampleDer('user-rsa'), marked());
  const found = world([profileOf('jane')]);
  await assert.rejects(list(found, { storeNames: ['Root'] }), { id: 'StoreNameInvalid' });
  assert.deepEqual((await list(found, { storeNames: ['my'] })).short, ['jane My rsa Mark false']);
});

test('roaming profiles are told once', async () => {
  const roaming = { isRoaming: true };
  await put('jane', sampleDer('user-rsa'), marked());
  await put('john', sampleDer('user-rsa'), marked());
  const { short } = await list(world([profileOf('jane', roaming), profileOf('john', roaming)]));
  assert.deepEqual(short, ['warning RoamingProfile', 'jane My rsa Mark false', 'john My rsa Mark ']);
});

test('a summary counts what there is, and streams nothing else', async () => {
  await put('jane', inserted, marked());
  await put('jane', sampleDer('user-rsa'), cardLinked(), 'Request');
  await put('jane', sampleDer('user-ec'), softwareLinked());
  await put('john', sampleDer('user-rsa'), marked());
  await writeFile(
    join(rootOf('john'), 'SystemCertificates', 'My', 'Certificates', 'A'.repeat(40)),
    'rubbish',
  );
  const outside = world([profileOf('jane'), profileOf('john')], { now: () => Date.UTC(2040, 0, 1) });
  const { events } = await list(outside, { summary: true, storeNames: ['My', 'Request'] });
  const summaries = events.flatMap((event) => (event.kind === 'summary' ? [event.summary] : []));
  const nothing = { storePath: null, storeLocation: null, storeProvider: null };
  assert.deepEqual(summaries, [
    {
      ...{ ...nothing, profilePath: rootOf('jane'), profileUser: 'jane' },
      ...{ certificates: 3, fromCards: 2, expired: 2, foreignUser: 1, onCard: 1, problems: 0 },
    },
    {
      ...{ ...nothing, profilePath: rootOf('john'), profileUser: 'john' },
      ...{ certificates: 1, fromCards: 1, expired: 1, foreignUser: 1, onCard: null, problems: 1 },
    },
  ]);
  assert.ok(!events.some(({ kind }) => kind === 'propagated'));
});

/** Users' parts of the registry, as folders; only these users are signed in. */
function hives(...signedIn: readonly string[]): Pick<World, 'hives'> {
  return {
    hives: {
      isLoaded: (sid) => Promise.resolve(signedIn.includes(sid)),
      openStore: (sid, name) => Promise.resolve(profileStore(join(folder, 'hives', sid), name)),
    },
  };
}

test("a signed-in user's certificates in the registry are those of the profile", async () => {
  const [sid, away] = ['S-1-5-21-1-2-3-1001', 'S-1-5-21-1-2-3-1002'];
  const profiles = [profileOf('john', { sid }), profileOf('bob', { sid: away })];
  await put('john', sampleDer('user-rsa'), marked());
  await put('bob', sampleDer('user-rsa'), marked());
  for (const user of [sid, away]) {
    await mkdir(join(folder, 'hives', user), { recursive: true });
    await profileStore(join(folder, 'hives', user), 'My').add(sampleDer('user-ec'), marked(), 'New');
  }
  const outside = world(profiles, hives(sid));

  const { short, events } = await list(outside);
  assert.deepEqual(short, ['john My rsa Mark ', 'john My ec Mark ', 'bob My rsa Mark ']);
  const paths = events.flatMap((event) => (event.kind === 'propagated' ? [event.certificate.storePath] : []));
  assert.deepEqual(paths, [null, `HKEY_USERS\\${sid}\\Software\\Microsoft`, null]);

  const summaries = (await list(outside, { summary: true })).events.flatMap((event) =>
    event.kind === 'summary' ? [[event.summary.profileUser, event.summary.fromCards]] : [],
  );
  assert.deepEqual(summaries, [
    ['john', 2],
    ['bob', 1],
  ]);
  assert.deepEqual(steps(await plan(outside, { thumbprints: [ec] })), ['john Removed Mark']);
});

test('what is on no card can’t be asked of another user’s profile, and no card is read for it', async () => {
  await put('jane', sampleDer('user-rsa'), marked());
  await put('john', sampleDer('user-rsa'), marked());
  const outside = world([profileOf('jane'), profileOf('john')], { readers: unreadableReaders });
  await assert.rejects(list(outside, { notOnCard: true }), { id: 'ReadersNotVisible' });
  await assert.rejects(plan(outside, { notOnCard: true }), { id: 'ReadersNotVisible' });
  const services = { currentUser: () => Promise.resolve({ userName: 'jane', profilePath: null }) };
  await assert.rejects(plan(world([profileOf('jane')], services), { notOnCard: true }), {
    id: 'ReadersNotVisible',
  });
});

test('of the own profile it can, where every card could be read', async () => {
  await put('jane', inserted, marked());
  await put('jane', sampleDer('user-rsa'), marked());
  const own = [profileOf('jane')];
  assert.deepEqual((await list(world(own), { notOnCard: true })).short, ['jane My rsa Mark false']);
  assert.deepEqual(steps(await plan(world(own), { notOnCard: true })), ['jane Removed Mark']);
  await mkdir(join(folder, 'readers', 'B'));
  await writeFile(join(folder, 'readers', 'B', 'card.json'), muteCardFile);
  await assert.rejects(plan(world(own), { notOnCard: true }), { id: 'ReadersNotReadable' });
});

test('the age is counted from now', async () => {
  await put('jane', sampleDer('user-rsa'), marked({ at: 10 * day }));
  await put('jane', sampleDer('user-ec'), marked({ at: 20 * day }));
  const { short } = await list(world([profileOf('jane')]), { olderThan: 85 * day });
  assert.deepEqual(short, ['jane My rsa Mark false']);
});

test('removal takes out of every profile what is selected, and says of which', async () => {
  await put('jane', sampleDer('user-rsa'), marked());
  await put('john', sampleDer('user-rsa'), cardLinked());
  await put('john', sampleDer('user-ec'), softwareLinked());
  const planned = await plan(world([profileOf('jane'), profileOf('john')]), { foreignUser: true });
  assert.deepEqual(steps(planned), ['john Removed SmartCardKeyLink']);
  for (const step of planned) assert.equal((await step.apply()).error, null);
  const left = (await collect(storeOf('john').entries())).map(
    (entry) => 'thumbprint' in entry && entry.thumbprint,
  );
  assert.deepEqual(left, [ec]);
  assert.equal((await collect(storeOf('jane').entries())).length, 1);
});

test('a thumbprint that no profile has is told once', async () => {
  await put('jane', sampleDer('user-rsa'), marked());
  await put('john', sampleDer('user-ec'), marked());
  const outside = world([profileOf('jane'), profileOf('john')]);
  const selected = { thumbprints: [rsa, 'F'.repeat(40)] };
  assert.deepEqual(steps(await plan(outside, selected)), ['jane Removed Mark', ' Skipped NotFound']);
  const one = world([profileOf('john')]);
  assert.deepEqual(steps(await plan(one, { thumbprints: [rsa] })), ['john Skipped NotFound']);
});

test('profiles have no store of roots', async () => {
  await assert.rejects(plan(world([profileOf('jane')]), { roots: true }), { id: 'StoreUnavailable' });
});

test('hardly more is read than the client takes', async () => {
  const mostWaiting = 64;
  await put('john', sampleDer('user-rsa'), marked());
  const opened: string[] = [];
  let taken = (): void => undefined;
  const wait = new Promise<void>((resolve) => (taken = resolve));
  const outside = world(
    Array.from({ length: 200 }, () => profileOf('john')),
    {
      openProfileStore: ({ path }, name) => {
        opened.push(path);
        return Promise.resolve(profileStore(path, name));
      },
    },
  );
  let filled = (): void => undefined;
  const full = new Promise<void>((resolve) => (filled = resolve));
  let sent = 0;
  const stream = (event: StreamEvent): Promise<void> => {
    if (event.kind !== 'propagated') return Promise.resolve();
    if (++sent === mostWaiting) filled();
    return wait;
  };
  const { signal } = new AbortController();
  const listing = listPropagated(outside, { ...request, summary: false }, { signal, stream });
  await full;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(opened.length, mostWaiting);
  taken();
  assert.deepEqual([await listing, opened.length], [{ count: 200 }, 200]);
});

test('a cancellation is heard between profiles in which nothing is found', async () => {
  await mkdir(rootOf('john'), { recursive: true });
  const cancel = new AbortController();
  let opened = 0;
  const outside = world(
    Array.from({ length: 1000 }, () => profileOf('john')),
    {
      openProfileStore: ({ path }, name) => {
        if (++opened === 1) setImmediate(() => cancel.abort(new Error('cancelled')));
        return Promise.resolve(profileStore(path, name));
      },
    },
  );
  await assert.rejects(list(outside, {}, cancel.signal), /cancelled/u);
  assert.ok(opened < 1000, String(opened));
});
