import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { startEngine } from '../support/wine-engine.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';

suite('The engine under Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  before(async () => {
    wine = await startWine();
  });
  after(() => wine.stop());

  test('It answers through pipes and ends with its input', async () => {
    const engine = await startEngine(wine);
    const info = await engine.request('engine/info', {});
    assert.equal(info.nodeVersion, '22.23.3');
    assert.equal(await engine.end(), 0);
    assert.equal(engine.errors(), '');
  });

  test('Two of them live side by side', async () => {
    const engines = await Promise.all([startEngine(wine), startEngine(wine)]);
    const infos = await Promise.all(engines.map((engine) => engine.request('engine/info', {})));
    assert.notEqual(infos[0]?.processId, infos[1]?.processId);
    assert.deepEqual(await Promise.all(engines.map((engine) => engine.end())), [0, 0]);
  });
});
