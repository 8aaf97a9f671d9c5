import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundleEngine, findVirtualCard } from '../../build/engine-bundle.js';
import { installedPackage, thirdPartyNotices } from '../../build/licenses.js';
import { root } from '../../build/root.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(root, 'out', 'bundle-test-'));
});
after(async () => {
  await rm(folder, { recursive: true });
});

async function bundle(source: string): Promise<string[]> {
  const entry = join(folder, 'entry.ts');
  await writeFile(entry, source);
  return bundleEngine(entry, join(folder, 'engine.cjs'));
}

test('the product’s engine holds no virtual card', async () => {
  const sources = await bundleEngine(join(root, 'engine', 'main.ts'), join(folder, 'main.cjs'));
  assert.ok(sources.includes('engine/main.ts'));
  assert.deepEqual(findVirtualCard(sources), []);
});

test('the demo’s engine holds one', async () => {
  const sources = await bundleEngine(join(root, 'engine', 'demo.ts'), join(folder, 'demo.cjs'));
  assert.notDeepEqual(findVirtualCard(sources), []);
});

test('import.meta.url, which a CommonJS bundle does not have, is refused', async () => {
  await assert.rejects(bundle('console.log(import.meta.url);'), /import\.meta/u);
});

test('each bundled package is named with its license', async () => {
  const sources = await bundle("import 'pako'; import * as v from 'valibot'; console.log(v);");
  const notices = thirdPartyNotices(sources, [installedPackage('koffi')]);
  assert.match(notices, /^pako \S+ \(.*MIT.*\)$/mu);
  assert.match(notices, /^valibot \S+ \(MIT\)$/mu);
  assert.match(notices, /^koffi \S+ \(MIT\)$/mu);
  assert.doesNotMatch(notices, /^pkijs /mu);
  assert.match(notices, /Permission is hereby granted/u);
});
