import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withLock } from '../../engine/store/lock.js';
import { profileStore } from '../../engine/store/profile.js';
import { encodeElement } from '../../engine/store/serialized.js';
import { isCorrupt, type CertificateStore, type StoreEntry } from '../../engine/store/store.js';
import { ada, grace } from './certificates.js';
import { temporaryFolder } from './temporary-folder.js';
import { startWriter } from './writer.js';

const inherit = 'ReplaceExistingInheritProperties';

async function ownProperties(store: CertificateStore): Promise<number[]> {
  const properties = (await store.find(ada.thumbprint))?.properties ?? new Map<number, Uint8Array>();
  return [...properties.keys()].filter((id) => id >= 0x8000).sort((a, b) => a - b);
}

void test('processes that change one certificate at once lose nothing', async (context) => {
  const path = temporaryFolder(context);
  const [processes, each] = [4, 12];
  const starts = Array.from({ length: processes }, (_, index) => 0x8000 + index * each);
  await Promise.all(starts.map((start) => startWriter([path, 'add', `${start}`, `${each}`]).output()));
  const expected = Array.from({ length: processes * each }, (_, index) => 0x8000 + index);
  assert.deepEqual(await ownProperties(profileStore(path, 'My')), expected);
});

void test('requests of one process that change one certificate at once lose nothing', async (context) => {
  const store = profileStore(temporaryFolder(context), 'My');
  const ids = Array.from({ length: 25 }, (_, index) => 0x8000 + index);
  const adding = ids.map((id) => store.add(ada.der, new Map([[id, Buffer.of(1)]]), inherit));
  const outcomes = await Promise.all([...adding, store.add(grace.der, new Map(), 'New')]);
  assert.equal(outcomes.filter((outcome) => outcome === 'Added').length, 2);
  assert.deepEqual(await ownProperties(store), ids);
});

void test('a removal asks about the certificate as it is under the lock', async (context) => {
  const path = temporaryFolder(context);
  const store = profileStore(path, 'My');
  await store.add(ada.der, new Map(), 'New');
  const folder = join(path, 'SystemCertificates', 'My');
  const unchanged = (entry: StoreEntry) => !entry.properties.has(0x8000);
  const removing = await withLock(folder, async () => {
    const waiting = { removed: store.remove(ada.thumbprint, unchanged) };
    // As long as a look at the store takes: a removal that asked too early would have asked by then.
    await store.find(ada.thumbprint);
    const changed = encodeElement(ada.der, new Map([[0x8000, Buffer.of(1)]]));
    writeFileSync(join(folder, 'Certificates', ada.thumbprint), changed);
    return waiting;
  });
  assert.equal(await removing.removed, false);
  assert.deepEqual(await ownProperties(store), [0x8000]);
});

void test('whenever a writer is killed, the store is whole and the next writer clears up', async (context) => {
  const path = temporaryFolder(context);
  const store = profileStore(path, 'My');
  const folder = join(path, 'SystemCertificates', 'My');
  let strays = 0;
  for (let round = 0; round < 30; round++) {
    const writer = startWriter([path, 'churn']);
    for (let line = 0; line <= round % 3; line++) await writer.nextLine();
    await eventLoopTurns(Math.random() * 200);
    await writer.kill();

    strays += readdirSync(folder).length - 1;
    for await (const entry of store.entries()) assert.ok(!isCorrupt(entry), JSON.stringify(entry));
    assert.ok(await store.find(ada.thumbprint), 'a certificate that is only ever replaced is always there');
    await store.add(ada.der, new Map([[0x8003, Buffer.of(round)]]), inherit);
    assert.deepEqual(readdirSync(folder), ['Certificates']);
  }
  context.diagnostic(`${strays} temporary files were left by 30 killed writers`);
});

async function eventLoopTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}
