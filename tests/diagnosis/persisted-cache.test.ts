import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistedCache } from '../../engine/diagnosis/checks/persisted-cache.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { finds } from './facts-sample.js';

test('Passed: nothing is kept', () => {
  finds(persistedCache, { persistedCache: seen({ names: [], isPart: false }) }, 'Passed', /keeps nothing/u);
});
test('Warning: items are named, and left alone', () => {
  const names = ['Cache\\AB\\one', 'Cache\\AB\\two'];
  const { evidence, remedy } = finds(
    persistedCache,
    { persistedCache: seen({ names, isPart: true }) },
    'Warning',
    /more than 2 items/u,
  );
  assert.match(evidence, /items=Cache\\AB\\one, Cache\\AB\\two$/u);
  assert.match(remedy ?? '', /left alone/u);
});
test('Skipped: the service runs', () => {
  finds(persistedCache, { persistedCache: { kind: 'NotHere', why: 'It runs.' } }, 'Skipped', /It runs/u);
});
