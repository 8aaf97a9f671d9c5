import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { encodeElement } from '../../engine/store/serialized.js';
import { readStoreFile } from '../../engine/store/serialized-store.js';
import { isCorrupt } from '../../engine/store/store.js';
import { sampleEntries, sampleRevocationList } from '../store/serialized-store-sample.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';

suite('serialized stores that crypt32 writes under Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  before(async () => {
    wine = await startWine();
  });
  after(() => wine.stop());

  test('certificates are read with their properties, and a revocation list is passed over', async () => {
    const folder = join(wine.folder, 'store');
    mkdirSync(folder);
    const [saved, list] = [join(folder, 'saved.sst'), join(folder, 'list.crl')];
    writeFileSync(list, sampleRevocationList);
    const elements = sampleEntries.map(({ certificate, properties }, index) => {
      const file = join(folder, `${index}.element`);
      writeFileSync(file, encodeElement(certificate.der, properties));
      return file;
    });
    const script = await bundleForWine(wine, 'tests/wine/save-store-script.ts');
    const files = [saved, list, ...elements].map((file) => wine.path(file));
    const { exitCode, errors } = await runNode(wine, script, files);
    assert.equal(exitCode, 0, errors);

    const entries = await readStoreFile(saved);
    assert.equal(entries.length, sampleEntries.length);
    for (const { certificate, properties } of sampleEntries) {
      const entry = entries.find((each) => !isCorrupt(each) && each.thumbprint === certificate.thumbprint);
      assert.ok(entry !== undefined && !isCorrupt(entry));
      assert.deepEqual(Buffer.from(entry.certificate), Buffer.from(certificate.der));
      for (const [id, value] of properties) {
        assert.deepEqual(Buffer.from(entry.properties.get(id) ?? []), Buffer.from(value), `property ${id}`);
      }
    }
  });
});
