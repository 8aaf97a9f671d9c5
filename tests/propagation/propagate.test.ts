/** Everything that was found, planned and carried out in the stores of a folder. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { baseCsp, decodeKeyLink, encodeKeyLink } from '../../engine/certificate/key-link.js';
import { parseMark } from '../../engine/certificate/mark.js';
import { readCertificate } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import {
  planPropagation,
  type PropagationStores,
  type WholePolicy,
} from '../../engine/propagation/propagate.js';
import type { StoredContext } from '../../engine/propagation/requests.js';
import type { StepOutcome } from '../../engine/propagation/step.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeText, encodeText } from '../../engine/store/serialized.js';
import type { CertificateStore, Properties } from '../../engine/store/store.js';
import { collect } from '../support/collect.js';
import { encodeEnrollment } from '../support/enrollment.js';
import { container, onCard } from './sample.js';

const policy: WholePolicy = {
  ...{ keyProvider: 'Auto', keyContainer: null, allowUnlinked: false, version: '0.1.0', now: 0 },
  ...{ scope: 'User', includeIntermediate: true, authorityObstacle: null, rootObstacle: null },
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-propagate-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function stores(root: CertificateStore = profileStore(folder, 'SmartCardRoot')): PropagationStores {
  return {
    personal: profileStore(folder, 'My'),
    request: profileStore(folder, 'Request'),
    open: (destination) =>
      Promise.resolve({
        store: destination === 'Root' ? root : profileStore(folder, 'CA'),
        isMachines: destination === 'Root',
        mayWrite: true,
      }),
  };
}

function fixture(path: string): Uint8Array {
  return readFileSync(`tests/fixtures/certificates/${path}.der`);
}

async function root(path = 'authority/root-ec'): Promise<CertificateOnCard> {
  const certificate = fixture(path);
  const source = await onCard('user-rsa');
  const file = { ...source.file, certificate, isRoot: true, key: 'None', container: null } as const;
  return { ...source, file, info: await readCertificate(certificate), key: null };
}

async function run(
  found: readonly CertificateOnCard[],
  { contexts = [], used = stores() }: { contexts?: StoredContext[]; used?: PropagationStores } = {},
): Promise<readonly StepOutcome[]> {
  const { signal } = new AbortController();
  const steps = await collect(planPropagation(found, contexts, used, policy, signal));
  const outcomes: StepOutcome[] = [];
  for (const step of steps) outcomes.push(await step.apply());
  return outcomes;
}

function summary(outcomes: readonly StepOutcome[]): string[] {
  return outcomes.map(({ result }) => `${result.store} ${result.action} ${result.reason}`);
}

async function namesIn(store: string): Promise<string[]> {
  const entries = await collect(profileStore(folder, store).entries());
  return entries.map((entry) => ('thumbprint' in entry ? entry.thumbprint : entry.name));
}

test('each certificate goes to its store, and running again changes nothing', async () => {
  const found = [await root(), await root('authority/intermediate'), await onCard('user-rsa')];
  assert.deepEqual(summary(await run(found)), [
    'My Added NotInStore',
    'CA Added NotInStore',
    'SmartCardRoot Added NotInStore',
  ]);
  const [rootEntry] = await collect(profileStore(folder, 'SmartCardRoot').entries());
  assert.ok(rootEntry !== undefined && 'properties' in rootEntry);
  const description = rootEntry.properties.get(propertyId.description);
  assert.equal(parseMark(decodeText(description ?? Buffer.of()))?.cardId, found[0]?.card.cardId);
  assert.deepEqual(summary(await run(found)), [
    'My Unchanged AlreadyInStore',
    'CA Unchanged AlreadyInStore',
    'SmartCardRoot Unchanged AlreadyInStore',
  ]);
});

test('a root that somebody else put there is not marked', async () => {
  const source = await root();
  const store = profileStore(folder, 'SmartCardRoot');
  await store.add(source.file.certificate, new Map(), 'New');
  assert.deepEqual(summary(await run([source])), ['SmartCardRoot Unchanged AlreadyInStore']);
  assert.equal((await store.find(source.info.thumbprint))?.properties.has(propertyId.description), false);
});

test('a certificate that is on the card twice, once as a root, goes to both stores', async () => {
  const source = await root();
  const own = { ...source, file: { ...source.file, isRoot: false, key: 'Named', container } } as const;
  assert.deepEqual(summary(await run([source, own])), [
    'My Added NotInStore',
    'SmartCardRoot Added NotInStore',
  ]);
});

test("rights that the machine's store asks for and are missing are a warning; everything else is done", async () => {
  const denied = new CertPropError('StoreAccessDenied', 'Access denied.');
  const refusing: CertificateStore = {
    ...profileStore(folder, 'SmartCardRoot'),
    add: () => Promise.reject(denied),
  };
  const outcomes = await run([await root(), await onCard('user-rsa')], { used: stores(refusing) });
  assert.deepEqual(summary(outcomes), ['My Added NotInStore', 'SmartCardRoot Skipped NoRights']);
  assert.deepEqual(
    outcomes.map(({ error, warning }) => [error, warning]),
    [
      [null, undefined],
      [null, denied],
    ],
  );
});

test('a store of roots that can’t be read concerns the roots alone', async () => {
  const broken: CertificateStore = {
    ...profileStore(folder, 'SmartCardRoot'),
    find: () => Promise.reject(new CertPropError('StoreUnavailable', 'Gone.')),
  };
  const outcomes = await run([await root(), await onCard('user-rsa')], { used: stores(broken) });
  assert.deepEqual(summary(outcomes), ['My Added NotInStore', 'SmartCardRoot Skipped Failed']);
  assert.equal(outcomes[1]?.error?.id, 'StoreUnavailable');
});

/** An entry without an issued certificate: another certificate with the same key, as CertEnroll makes one. */
async function request(properties: Properties, path = 'authority/root-ec'): Promise<StoredContext> {
  const certificate = fixture(path);
  return { certificate, properties, info: await readCertificate(certificate), card: null };
}

const enrollment = encodeEnrollment({
  ...{ requestId: 17, caDnsName: 'ca.example.com', caName: 'Example CA', friendlyName: 'Smart card' },
});

test('a request without a certificate is filed in Request with its properties, and never in Personal', async () => {
  const properties = new Map([
    [propertyId.enrollment, enrollment],
    [propertyId.friendlyName, encodeText('Smart card')],
  ]);
  const contexts = [await request(properties)];
  const outcomes = await run([], { contexts });
  assert.deepEqual(summary(outcomes), ['Request Filed EnrollmentRequest']);
  assert.match(outcomes[0]?.result.detail ?? '', /number 17 at ca\.example\.com\\Example CA, "Smart card"/u);
  const [entry] = await collect(profileStore(folder, 'Request').entries());
  assert.ok(entry !== undefined && 'properties' in entry);
  assert.deepEqual(entry.properties.get(propertyId.enrollment), new Uint8Array(enrollment));
  assert.deepEqual(await namesIn('My'), []);
  assert.deepEqual(summary(await run([], { contexts })), ['Request Unchanged AlreadyInStore']);
});

test('what is no request is left out of other stores', async () => {
  const contexts = [await request(new Map())];
  assert.deepEqual(summary(await run([], { contexts })), ['Request Skipped NotARequest']);
});

/** The RSA certificate's key as a request's: the entry holds any other certificate that claims this key. */
async function withPendingRequest(notBefore: number): Promise<CertificateOnCard> {
  const pending = await onCard('user-ec');
  const link = { container: container.name, provider: baseCsp, providerType: 1, flags: 1, keySpec: 1 };
  await profileStore(folder, 'Request').add(
    pending.file.certificate,
    new Map([
      [propertyId.keyProvInfo, encodeKeyLink(link)],
      [propertyId.friendlyName, encodeText('Smart card')],
      [propertyId.enrollment, enrollment],
    ]),
    'New',
  );
  const answer = await onCard('user-rsa');
  return {
    ...answer,
    ...{
      key: pending.info.publicKey,
      info: { ...answer.info, publicKey: pending.info.publicKey, notBefore },
    },
  };
}

test('a certificate that answers a request takes over its link and name, and then the entry goes', async () => {
  const answer = await withPendingRequest(Date.now());
  assert.deepEqual(summary(await run([answer])), [
    'My Added RequestCompleted',
    'Request Removed RequestCompleted',
  ]);
  const entry = await profileStore(folder, 'My').find(answer.info.thumbprint);
  assert.equal(decodeText(entry?.properties.get(propertyId.friendlyName) ?? Buffer.of()), 'Smart card');
  assert.equal(decodeKeyLink(entry?.properties.get(propertyId.keyProvInfo) ?? Buffer.of()).flags, 1);
  assert.deepEqual(await namesIn('Request'), []);
});

test('the entry stays as long as the certificate could not be stored', async () => {
  const answer = await withPendingRequest(Date.now());
  const full: CertificateStore = {
    ...profileStore(folder, 'My'),
    add: () => Promise.reject(new CertPropError('StoreUnavailable', 'No space.')),
  };
  const outcomes = await run([answer], { used: { ...stores(), personal: full } });
  assert.deepEqual(summary(outcomes), ['My Skipped Failed', 'Request Skipped ChangedMeanwhile']);
  assert.equal((await namesIn('Request')).length, 1);
});

test('a run that ended between storing and removing is finished by the next one', async () => {
  const answer = await withPendingRequest(Date.now());
  const { signal } = new AbortController();
  const [first] = await collect(planPropagation([answer], [], stores(), policy, signal));
  await first?.apply();
  assert.equal((await namesIn('Request')).length, 1);
  assert.deepEqual(summary(await run([answer])), [
    'My Unchanged AlreadyInStore',
    'Request Removed RequestCompleted',
  ]);
});

test('a certificate that is to be renewed with its key does not answer the request for the new one', async () => {
  const old = await withPendingRequest(Date.UTC(2000, 0, 1));
  await profileStore(folder, 'My').add(old.file.certificate, new Map(), 'New');
  assert.deepEqual(summary(await run([old])), ['My Replaced KeyLinkMissing']);
  assert.equal((await namesIn('Request')).length, 1);
});
