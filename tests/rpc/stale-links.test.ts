/** Key links that don't lead to the key on the card, from the card to the store: the plan says what is wrong, carrying it out mends it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { parseContainerMap } from '../../engine/card/minidriver/cmapfile.js';
import {
  baseCsp,
  decodeKeyLink,
  encodeKeyLink,
  smartCardKsp,
  type KeyLink,
} from '../../engine/certificate/key-link.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import type { CardFile, CardState } from '../../engine/virtual/card-state.js';
import { getFile } from '../../engine/virtual/personalization.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { applyPlan, planPropagation, type Outcome } from '../support/engine-plan.js';
import { insertVirtualCard, startVirtualEngine, type VirtualEngine } from '../support/virtual-engine.js';

let folder = '';
let engine: VirtualEngine;
let image = '';
let certificate: Uint8Array;
/** The containers of the certificate's RSA key, and of another RSA key, for signatures. */
let own = '';
let other = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-links-'));
  const { state, certificates } = await makeSampleCard();
  image = writeCardImage(state);
  certificate = certificates.get('kxc00') ?? assert.fail();
  const containerMap = getFile(state, { directory: 'mscp', name: 'cmapfile' }) ?? assert.fail();
  [own = '', , other = ''] = parseContainerMap(containerMap).map(({ name }) => name);
  await insertVirtualCard(folder, 'Reader', image);
  engine = await startVirtualEngine(folder);
});
after(async () => {
  await engine.end();
  await rm(folder, { recursive: true });
});

let profiles = 0;
let storePath = '';
beforeEach(async () => {
  profiles += 1;
  storePath = join(folder, `profile ${profiles}`);
  await insertVirtualCard(folder, 'Reader', image);
});

const inContainer = (container: string): KeyLink => ({
  ...{ container, provider: baseCsp, providerType: 1, flags: 0, keySpec: 1 },
});

async function storeWith(link: KeyLink): Promise<void> {
  const properties = new Map([[propertyId.keyProvInfo, encodeKeyLink(link)]]);
  await profileStore(storePath, 'My').add(certificate, properties, 'New');
}

async function storedLink(): Promise<KeyLink> {
  const entry = await profileStore(storePath, 'My').find(thumbprintOf(certificate));
  return decodeKeyLink(entry?.properties.get(propertyId.keyProvInfo) ?? assert.fail());
}

/** What is planned for the certificate, and what is done. */
async function planAndApply(keyProvider: 'Auto' | 'KSP' = 'Auto'): Promise<readonly PropagationResult[]> {
  const place = { storePlace: { kind: 'Folder', path: storePath }, storeName: 'My' } as const;
  const plan = await planPropagation(engine, place, { keyProvider });
  return [ours(plan), ours(await applyPlan(engine, plan))];
}

function ours({ results, errors, warnings }: Outcome): PropagationResult {
  assert.deepEqual([errors, warnings], [[], []]);
  return results.find(({ thumbprint }) => thumbprint === thumbprintOf(certificate)) ?? assert.fail();
}

function assertBoth(results: readonly PropagationResult[], expected: Partial<PropagationResult>): void {
  assert.deepEqual(
    results.map(({ planned }) => planned),
    [true, false],
  );
  for (const result of results) assert.deepEqual({ ...result, ...expected }, result);
}

test('a link to another container is renewed', async () => {
  await storeWith(inContainer('of an earlier card'));
  assertBoth(await planAndApply(), {
    ...{ action: 'Replaced', reason: 'KeyLinkStale', container: own },
    detail: `The stored certificate was linked to the container "of an earlier card"; its key is in "${own}".`,
  });
  assert.deepEqual(await storedLink(), inContainer(own));
  assertBoth(await planAndApply(), { action: 'Unchanged', reason: 'AlreadyInStore' });
});

test('a link with another key spec is renewed', async () => {
  await storeWith({ ...inContainer(own), keySpec: 2 });
  assertBoth(await planAndApply(), {
    ...{ action: 'Replaced', reason: 'KeyLinkStale' },
    detail: 'The stored certificate was linked with the key spec 2; its key has 1.',
  });
  assert.deepEqual(await storedLink(), inContainer(own));
  assertBoth(await planAndApply(), { action: 'Unchanged', reason: 'AlreadyInStore' });
});

test('a link by another provider than the one that is asked for is renewed', async () => {
  await storeWith(inContainer(own));
  assertBoth(await planAndApply('KSP'), {
    ...{ action: 'Replaced', reason: 'KeyLinkStale', provider: smartCardKsp },
    detail: `The stored certificate was linked to the provider "${baseCsp}"; "${smartCardKsp}" was asked for.`,
  });
  const ksp = { provider: smartCardKsp, providerType: 0, keySpec: 0 };
  assert.deepEqual(await storedLink(), { ...inContainer(own), ...ksp });
  assertBoth(await planAndApply('KSP'), { action: 'Unchanged', reason: 'AlreadyInStore' });
});

/** The files of the keys of these containers. */
const [ownKey, otherKey] = [0xb081, 0xb083];

/** The card as it is after its keys were changed by somebody else. */
async function insertChanged(change: (card: CardState) => void): Promise<void> {
  const state = readCardImage(image);
  change(state);
  await insertVirtualCard(folder, 'Reader', writeCardImage(state));
}

function keyFile(state: CardState, file: number): CardFile {
  return state.files.get(file) ?? assert.fail();
}

test('a link to a container that now holds another key is renewed, to the one that holds the key', async () => {
  assertBoth(await planAndApply(), { action: 'Added', reason: 'NotInStore' });
  assert.deepEqual(await storedLink(), inContainer(own));
  await insertChanged((state) => {
    const [one, two] = [keyFile(state, ownKey), keyFile(state, otherKey)];
    [one.key, two.key] = [two.key, one.key];
  });
  assertBoth(await planAndApply(), {
    ...{ action: 'Replaced', reason: 'KeyLinkStale', container: other },
    detail: `The stored certificate was linked to the container "${own}"; its key is in "${other}".`,
  });
  assert.deepEqual(await storedLink(), { ...inContainer(other), keySpec: 2 });
  assertBoth(await planAndApply(), { action: 'Unchanged', reason: 'AlreadyInStore' });
});

test('where no container holds the key any more, the certificate is left as it is, with the reason', async () => {
  await planAndApply();
  await insertChanged((state) => {
    keyFile(state, ownKey).key = keyFile(state, otherKey).key;
  });
  assertBoth(await planAndApply(), { action: 'Skipped', reason: 'KeyMismatch' });
  assert.deepEqual(await storedLink(), inContainer(own));
});
