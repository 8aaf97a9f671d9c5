import assert from 'node:assert/strict';
import { test } from 'node:test';
import { store } from '../../engine/diagnosis/checks/store.js';
import { finds, storing, unreadable } from './facts-sample.js';

test('Passed: all entries can be read', () => {
  finds(store, {}, 'Passed', /^1 certificate/u);
});
test('Failed: an entry is damaged', () => {
  const corrupt = [{ name: 'AB', problem: 'It is cut off.' }];
  const { evidence } = finds(
    store,
    { store: storing([], { corrupt }) },
    'Failed',
    /AB of the store My is damaged/u,
  );
  assert.equal(evidence, 'store=My; thumbprint=AB');
});
test('Failed: the store can not be read', () => {
  finds(store, { store: unreadable }, 'Failed', /StoreAccessDenied/u);
});
test('Skipped: there is none', () => {
  finds(store, { store: { kind: 'NotHere', why: 'None.' } }, 'Skipped', /None/u);
});
