import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { encodeKeyLink } from '../../engine/certificate/key-link.js';
import { CertPropError } from '../../engine/errors.js';
import { planStep, subjectOf } from '../../engine/propagation/apply.js';
import { decide, type PropagationPolicy, type Sources } from '../../engine/propagation/plan.js';
import type { PlannedStep } from '../../engine/propagation/step.js';
import type { CertificateStore } from '../../engine/store/store.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeText, encodeText } from '../../engine/store/serialized.js';
import { onCard } from './sample.js';

const policy = {
  keyProvider: 'Auto',
  keyContainer: null,
  allowUnlinked: false,
  version: '0.1.0',
  now: 0,
} as const;

function planPropagation(
  sources: Sources,
  store: CertificateStore,
  given: PropagationPolicy,
): Promise<PlannedStep> {
  return planStep(subjectOf(sources[0]), store, (existing) => {
    const { source, outcome } = decide(sources, existing, {
      ...given,
      keepsProperties: store.keepsProperties,
      request: null,
    });
    return { subject: subjectOf(source), outcome };
  });
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-apply-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const entryFile = (thumbprint: string): string =>
  join(folder, 'SystemCertificates', 'My', 'Certificates', thumbprint);

test('planning writes nothing; applying stores; applying the same step again is Unchanged', async () => {
  const source = await onCard('user-rsa');
  const store = profileStore(folder, 'My');
  const step = await planPropagation([source], store, policy);
  assert.deepEqual([step.preview.action, step.preview.planned], ['Added', true]);
  assert.equal(await store.find(source.info.thumbprint), null);
  const first = await step.apply();
  assert.deepEqual([first.result.action, first.result.planned, first.error], ['Added', false, null]);
  assert.deepEqual(
    (await store.find(source.info.thumbprint))?.certificate,
    Uint8Array.from(source.file.certificate),
  );
  assert.equal((await step.apply()).result.action, 'Unchanged');
});

test("a person's friendly name and properties of other programs survive a renewed link", async () => {
  const source = await onCard('user-rsa');
  const store = profileStore(folder, 'My');
  const other = new Map([
    [propertyId.friendlyName, encodeText('signing')],
    [0x8123, Uint8Array.of(1, 2, 3)],
  ]);
  await store.add(source.file.certificate, other, 'New');
  const { result } = await (await planPropagation([source], store, policy)).apply();
  assert.deepEqual([result.action, result.reason], ['Replaced', 'KeyLinkMissing']);
  const { properties } = (await store.find(source.info.thumbprint)) ?? {};
  assert.equal(decodeText(properties?.get(propertyId.friendlyName) ?? Buffer.of()), 'signing');
  assert.deepEqual([...(properties?.get(0x8123) ?? [])], [1, 2, 3]);
  assert.ok(properties?.has(propertyId.keyProvInfo));
});

test('a software key that came after planning wins', async () => {
  const source = await onCard('user-rsa');
  const store = profileStore(folder, 'My');
  const step = await planPropagation([source], store, policy);
  const software = {
    container: 'x',
    provider: 'Vendor Software Provider',
    providerType: 0,
    flags: 0,
    keySpec: 0,
  };
  await store.add(
    source.file.certificate,
    new Map([[propertyId.keyProvInfo, encodeKeyLink(software)]]),
    'New',
  );
  const { result } = await step.apply();
  assert.deepEqual([result.action, result.reason], ['Skipped', 'SoftwareKeyLink']);
});

test('a corrupt entry is left alone and told', async () => {
  const source = await onCard('user-rsa');
  const store = profileStore(folder, 'My');
  await store.add(source.file.certificate, new Map(), 'New');
  await writeFile(entryFile(source.info.thumbprint), 'rubbish');
  const step = await planPropagation([source], store, policy);
  assert.equal(step.preview.reason, 'CorruptEntry');
  assert.deepEqual((await step.apply()).result.action, 'Skipped');
  assert.equal(await readFile(entryFile(source.info.thumbprint), 'utf8'), 'rubbish');
});

test('a certificate that cannot be written makes a failed result and an error about it', async () => {
  const source = await onCard('user-rsa');
  const denied = new CertPropError('StoreAccessDenied', 'Access denied.');
  const store = { ...profileStore(folder, 'My'), add: () => Promise.reject(denied) };
  const { result, error } = await (await planPropagation([source], store, policy)).apply();
  assert.deepEqual([result.action, result.reason], ['Skipped', 'Failed']);
  assert.match(result.detail, /Access denied/u);
  assert.deepEqual([error?.id, error?.details.thumbprint], ['StoreAccessDenied', source.info.thumbprint]);
});

test('an entry that may not be read is the failure of that certificate alone, planned and applied', async () => {
  const source = await onCard('user-rsa');
  const { thumbprint } = source.info;
  const denied = new CertPropError('StoreAccessDenied', 'Permission denied.', { thumbprint });
  const store = { ...profileStore(folder, 'My'), find: () => Promise.reject(denied) };
  const step = await planPropagation([source], store, policy);
  assert.deepEqual(
    [step.preview.action, step.preview.reason, step.preview.planned],
    ['Skipped', 'Failed', true],
  );
  assert.match(step.preview.detail, /Permission denied/u);
  const { result, error } = await step.apply();
  assert.deepEqual([result.reason, error?.id], ['Failed', 'StoreAccessDenied']);
});

test('a store that can no longer be read after planning is a failure of each certificate', async () => {
  const source = await onCard('user-rsa');
  const gone = new CertPropError('StoreUnavailable', 'The disk is gone.');
  const finds = [() => Promise.resolve(null), () => Promise.reject(gone)];
  const store = { ...profileStore(folder, 'My'), find: () => finds.shift()?.() ?? assert.fail() };
  const { result, error } = await (await planPropagation([source], store, policy)).apply();
  assert.deepEqual([result.reason, error?.id], ['Failed', 'StoreUnavailable']);
});

test('a store path below a file ends the plan', async () => {
  await writeFile(join(folder, 'SystemCertificates'), 'a file in the way');
  const store = profileStore(folder, 'My');
  await assert.rejects(planPropagation([await onCard('user-rsa')], store, policy), {
    id: 'StoreUnavailable',
  });
});

test('a certificate that another program stores between the look and the write is Unchanged', async () => {
  const source = await onCard('user-rsa');
  const inner = profileStore(folder, 'My');
  const { outcome } = decide([source], null, { ...policy, keepsProperties: true, request: null });
  assert.ok('properties' in outcome);
  const store: CertificateStore = {
    ...inner,
    add: async (certificate, properties, disposition) => {
      await inner.add(certificate, outcome.properties, 'New');
      return inner.add(certificate, properties, disposition);
    },
  };
  const { result, error } = await (await planPropagation([source], store, policy)).apply();
  assert.deepEqual([result.action, result.reason, error], ['Unchanged', 'AlreadyInStore', null]);
});
