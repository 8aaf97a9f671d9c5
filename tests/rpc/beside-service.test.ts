/** CertPropSvc at work on the same card and the same stores: the real engine, and a stand-in for the service, each a process. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { decodeKeyLink, encodeKeyLink, type KeyLink } from '../../engine/certificate/key-link.js';
import { parseMark } from '../../engine/certificate/mark.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeElement, decodeText } from '../../engine/store/serialized.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { applyPlan, planPropagation, propagate, type Outcome, type StoreOf } from '../support/engine-plan.js';
import { insertVirtualCard, startVirtualEngine, type VirtualEngine } from '../support/virtual-engine.js';
import { serviceEntries, startService, type Service, type ServiceEntry } from './service.js';

let folder = '';
let engine: VirtualEngine;
let service: Service;
/** What is on the card: three certificates with keys, and a root. */
let onCard: readonly ServiceEntry[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-service-'));
  const card = await makeSampleCard();
  onCard = serviceEntries(card);
  for (const place of [folder, join(folder, 'other')])
    await insertVirtualCard(place, 'Reader', writeCardImage(card.state));
  engine = await startVirtualEngine(folder);
  service = await startService(join(folder, 'card.json'), card);
});
after(async () => {
  await Promise.all([engine.end(), service.end()]);
  await rm(folder, { recursive: true });
});

let profiles = 0;
let storePath = '';
function newProfile(): void {
  profiles += 1;
  storePath = join(folder, `profile ${profiles}`);
}
beforeEach(newProfile);

function place(): StoreOf {
  return { storePlace: { kind: 'Folder', path: storePath }, storeName: 'My' };
}

function inShort({ results, errors, warnings }: Outcome): readonly string[] {
  assert.deepEqual([errors, warnings], [[], []]);
  return results.map(({ store, action, reason }) => `${store} ${action} ${reason}`);
}

const added = [...Array<string>(3).fill('My Added NotInStore'), 'SmartCardRoot Added NotInStore'];
const unchanged = [
  ...Array<string>(3).fill('My Unchanged AlreadyInStore'),
  'SmartCardRoot Unchanged AlreadyInStore',
];

interface Stored {
  readonly file: string;
  readonly bytes: Buffer;
  readonly link: KeyLink | null;
  readonly isMarked: boolean;
}

/** Every file in the stores of the profile, by store and name. */
async function stored(): Promise<readonly Stored[]> {
  const entries: Stored[] = [];
  for (const store of ['My', 'SmartCardRoot']) {
    const path = join(storePath, 'SystemCertificates', store, 'Certificates');
    for (const name of (await readdir(path)).sort()) {
      const bytes = await readFile(join(path, name));
      const { properties } = decodeElement(bytes);
      const link = properties.get(propertyId.keyProvInfo);
      const description = properties.get(propertyId.description);
      entries.push({
        ...{ file: `${store}/${name}`, bytes, link: link === undefined ? null : decodeKeyLink(link) },
        isMarked: description !== undefined && parseMark(decodeText(description)) !== null,
      });
    }
  }
  return entries;
}

/** Each certificate of the card is there once, and linked to its key. */
function assertWhole(entries: readonly Stored[]): void {
  const keys = ({ link }: { link: KeyLink | null }) =>
    link && [link.container, link.provider, link.providerType, link.keySpec];
  const expected = onCard.map((entry) => {
    const thumbprint = thumbprintOf(Buffer.from(entry.certificate, 'base64'));
    return [`${entry.store}/${thumbprint}`, keys(entry)] as const;
  });
  assert.deepEqual(new Map(entries.map((entry) => [entry.file, keys(entry)])), new Map(expected));
  assert.equal(entries.length, onCard.length);
}

test('what the service has stored is Unchanged, and stays byte for byte as the service wrote it', async () => {
  await service.propagate(storePath);
  const written = await stored();
  assertWhole(written);
  assert.deepEqual(inShort(await propagate(engine, place())), unchanged);
  assert.deepEqual(await stored(), written);
});

test('what the service writes over CertProp’s certificates keeps their mark, and is Unchanged', async () => {
  assert.deepEqual(inShort(await propagate(engine, place())), added);
  await service.propagate(storePath);
  const written = await stored();
  assertWhole(written);
  assert.deepEqual(new Set(written.map(({ isMarked }) => isMarked)), new Set([true]));
  assert.deepEqual(inShort(await propagate(engine, place())), unchanged);
  assert.deepEqual(await stored(), written);
});

test('what the service stores after a plan was made is Unchanged when the plan is carried out', async () => {
  const plan = await planPropagation(engine, place());
  assert.deepEqual(inShort(plan), added);
  await service.propagate(storePath);
  const written = await stored();
  assert.deepEqual(inShort(await applyPlan(engine, plan)), unchanged);
  assert.deepEqual(await stored(), written);
});

test('with the service at work at the same moment each certificate is there once, and nothing fails', async (context) => {
  let added = 0;
  for (let round = 0; round < 20; round += 1) {
    newProfile();
    const plan = await planPropagation(engine, place());
    const [outcome] = await Promise.all([applyPlan(engine, plan), service.propagate(storePath)]);
    for (const told of inShort(outcome)) assert.match(told, / Added NotInStore$| Unchanged AlreadyInStore$/u);
    const ours = outcome.results
      .filter(({ action }) => action === 'Added')
      .map(({ store, thumbprint }) => `${store}/${thumbprint}`);
    const entries = await stored();
    assertWhole(entries);
    for (const { file, isMarked } of entries)
      assert.ok(!isMarked || ours.includes(file), `${file} is marked`);
    assert.deepEqual(inShort(await propagate(engine, place())), unchanged);
    added += ours.length;
  }
  context.diagnostic(`CertProp was first with ${added} of ${20 * onCard.length} certificates`);
});

test('of two engines at work at the same moment one adds each certificate, and the other says Unchanged', async () => {
  const other = await startVirtualEngine(join(folder, 'other'));
  try {
    for (let round = 0; round < 20; round += 1) {
      newProfile();
      const outcomes = await Promise.all([propagate(engine, place()), propagate(other, place())]);
      const told = outcomes.map(inShort);
      const pairs = added.map((_, index) => told.map((results) => results[index]).sort());
      assert.deepEqual(
        pairs,
        added.map((one, index) => [one, unchanged[index]]),
      );
      assertWhole(await stored());
    }
  } finally {
    await other.end();
  }
});

test('a link that the service made to a container which is gone is renewed; what else it wrote stays', async () => {
  await service.propagate(storePath);
  const [entry] = onCard;
  const certificate = Buffer.from(entry?.certificate ?? '', 'base64');
  const gone = { ...(entry?.link ?? assert.fail()), container: 'made anew by Windows' };
  const ofService = [25, Buffer.from('subject key hash')] as const;
  await profileStore(storePath, 'My').add(
    certificate,
    new Map([[propertyId.keyProvInfo, encodeKeyLink(gone)], ofService]),
    'ReplaceExisting',
  );
  const outcome = await propagate(engine, place());
  assert.deepEqual(inShort(outcome), ['My Replaced KeyLinkStale', ...unchanged.slice(1)]);
  assert.match(outcome.results[0]?.detail ?? '', /container "made anew by Windows"; its key is in "/u);
  const entries = await stored();
  assertWhole(entries);
  const renewed = await profileStore(storePath, 'My').find(thumbprintOf(certificate));
  assert.deepEqual(renewed?.properties.get(ofService[0]), Uint8Array.from(ofService[1]));
});
