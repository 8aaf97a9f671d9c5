import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import type { CertPropError } from '../../engine/errors.js';
import { storeOfNobody } from '../../engine/propagation/found-store.js';
import { planRemoval } from '../../engine/propagation/removal.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import { everything, normalSerialNumber, type Selection } from '../../engine/propagation/selection.js';
import type { PlannedStep } from '../../engine/propagation/step.js';
import { profileStore } from '../../engine/store/profile.js';
import { collect } from '../support/collect.js';
import { sampleDer } from './sample.js';
import { both, cardLinked, marked, softwareLinked } from './stored-sample.js';

const rsa = thumbprintOf(sampleDer('user-rsa'));
const ec = thumbprintOf(sampleDer('user-ec'));
const ed25519 = thumbprintOf(sampleDer('user-ed25519'));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-removal-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** The RSA certificate is linked to a card, the EC one marked only, the Ed25519 one marked but with a key in software. */
async function fill(): Promise<void> {
  const store = profileStore(folder, 'My');
  await store.add(sampleDer('user-rsa'), cardLinked(), 'New');
  await store.add(sampleDer('user-ec'), marked(), 'New');
  await store.add(sampleDer('user-ed25519'), both(softwareLinked(), marked()), 'New');
}

async function plan(
  { named = false, ...selection }: Partial<Selection> & { readonly named?: boolean },
  unreadable: (error: CertPropError) => void = (error) => assert.fail(error),
): Promise<readonly PlannedStep[]> {
  const tell = (error: CertPropError): Promise<void> => {
    unreadable(error);
    return Promise.resolve();
  };
  const { signal } = new AbortController();
  const request = { selection: { ...everything, ...selection }, named };
  return collect(planRemoval([storeOfNobody(profileStore(folder, 'My'))], request, tell, signal));
}

function summary(steps: readonly PlannedStep[]): Readonly<Record<string, string>> {
  const text = ({ action, reason }: PropagationResult): string => `${action} ${reason}`;
  return Object.fromEntries(steps.map(({ preview }) => [preview.thumbprint, text(preview)]));
}

async function left(): Promise<readonly string[]> {
  const entries = await collect(profileStore(folder, 'My').entries());
  return entries.map((entry) => ('thumbprint' in entry ? entry.thumbprint : entry.name)).sort();
}

test('a smart card link or a mark without a link is evidence; a software link wins over a mark', async () => {
  await fill();
  assert.deepEqual(summary(await plan({ thumbprints: new Set([rsa, ec, ed25519]) })), {
    [rsa]: 'Removed SmartCardKeyLink',
    [ec]: 'Removed Mark',
    [ed25519]: 'Skipped SoftwareKeyLink',
  });
});

test('planning changes nothing; applying removes what was planned and says where it came from', async () => {
  await fill();
  const steps = await plan({ thumbprints: new Set([rsa, ec, ed25519]) });
  assert.equal((await left()).length, 3);
  const outcomes = await Promise.all(steps.map(({ apply }) => apply()));
  assert.deepEqual(await left(), [ed25519]);
  const marked = outcomes.find(({ result }) => result.thumbprint === ec)?.result;
  assert.deepEqual(
    [marked?.action, marked?.planned, marked?.readerName, marked?.cardId],
    ['Removed', false, 'Alpha 00', 'AB'],
  );
});

test('a certificate named by its thumbprint goes whatever its key', async () => {
  await fill();
  const [step] = await plan({ thumbprints: new Set([ed25519]), named: true });
  assert.equal((await step?.apply())?.result.reason, 'NamedByThumbprint');
  assert.ok(!(await left()).includes(ed25519));
});

test('a sweep passes over certificates without evidence in silence', async () => {
  await fill();
  const later = Date.UTC(2100, 0, 1);
  assert.deepEqual(Object.keys(summary(await plan({ expiredAt: later }))).sort(), [rsa, ec].sort());
  assert.deepEqual(summary(await plan({ notOnCard: new Set([rsa]) })), { [ec]: 'Removed Mark' });
});

test('a certificate that has not expired is no expired one', async () => {
  await fill();
  assert.deepEqual(await plan({ expiredAt: Date.UTC(2026, 10, 22) }), []);
});

test('subject wildcards and serial numbers as people paste them select', async () => {
  await fill();
  assert.deepEqual(Object.keys(summary(await plan({ subjects: ['*jane müller*'] }))), [rsa]);
  assert.deepEqual(
    Object.keys(summary(await plan({ serialNumbers: new Set([normalSerialNumber('\u200e8f a1')]) }))),
    [rsa],
  );
});

test('selectors narrow each other', async () => {
  await fill();
  assert.deepEqual(summary(await plan({ thumbprints: new Set([rsa]), subjects: ['*plain*'] })), {});
});

test('a thumbprint that is not in the store is told, and no error', async () => {
  const [step] = await plan({ thumbprints: new Set([rsa]), named: true });
  assert.equal(step?.preview.reason, 'NotFound');
  assert.deepEqual((await step.apply()).result.action, 'Skipped');
});

test('a certificate that got a software key after planning stays', async () => {
  await fill();
  const [step] = await plan({ thumbprints: new Set([rsa]) });
  const store = profileStore(folder, 'My');
  await store.add(sampleDer('user-rsa'), softwareLinked(), 'ReplaceExisting');
  assert.equal((await step?.apply())?.result.reason, 'ChangedMeanwhile');
  assert.ok((await left()).includes(rsa));
});

test('a certificate that vanished after planning is told as not found', async () => {
  await fill();
  const [step] = await plan({ thumbprints: new Set([rsa]) });
  await profileStore(folder, 'My').remove(rsa, () => true);
  assert.equal((await step?.apply())?.result.reason, 'NotFound');
});

test('a corrupt entry is told by its name and left alone; the others are planned', async () => {
  await fill();
  const corrupt = 'AA'.repeat(20);
  await writeFile(join(folder, 'SystemCertificates', 'My', 'Certificates', corrupt), 'rubbish');
  const told: CertPropError[] = [];
  const steps = await plan({ subjects: ['*'] }, (error) => told.push(error));
  assert.equal(steps.length, 3);
  assert.deepEqual(
    told.map(({ id, details }) => [id, details.file]),
    [['MalformedStoreElement', corrupt]],
  );
  await Promise.all(steps.map(({ apply }) => apply()));
  assert.ok((await left()).includes(corrupt));
});

test('planning ends when it is cancelled, also where nothing is selected', async () => {
  await fill();
  const sought = planRemoval(
    [storeOfNobody(profileStore(folder, 'My'))],
    { selection: { ...everything, subjects: ['nobody'] }, named: false },
    () => Promise.resolve(),
    AbortSignal.abort(new Error('cancelled')),
  );
  await assert.rejects(collect(sought), /cancelled/u);
});

test('no more of the store is read before what could not be read was told', async () => {
  const read: string[] = [];
  const corrupt = (name: string) => ({ name, problem: 'It is damaged.' });
  async function* entries() {
    await Promise.resolve();
    for (const name of ['first', 'second']) {
      read.push(name);
      yield corrupt(name);
    }
  }
  const store = { ...profileStore(folder, 'My'), entries };
  const told = async (): Promise<void> => {
    const before = read.length;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(read.length, before);
  };
  const request = { selection: everything, named: false };
  await collect(planRemoval([storeOfNobody(store)], request, told, new AbortController().signal));
  assert.deepEqual(read, ['first', 'second']);
});
