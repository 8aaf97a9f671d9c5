import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inStore } from '../../engine/diagnosis/checks/in-store.js';
import { finds, onCards, rsa, storing, unreadable } from './facts-sample.js';

test('Passed: all are', () => {
  finds(inStore, {}, 'Passed', /all are in the store My/u);
});
test('Passed: a damaged entry of the same thumbprint is named by the check Store', () => {
  const corrupt = [{ name: rsa.info.thumbprint.toLowerCase(), problem: 'It is cut off.' }];
  finds(inStore, { store: storing([], { corrupt }) }, 'Passed', /./u);
});
test('Failed: one is not; propagating it mends that', () => {
  const { repair, evidence } = finds(inStore, { store: storing([]) }, 'Failed', /is not in the store My/u);
  assert.deepEqual(repair, { readerName: 'Alpha 00', thumbprint: rsa.info.thumbprint });
  assert.match(evidence, new RegExp(`thumbprint=${rsa.info.thumbprint}`, 'u'));
});
test("Skipped: a computer's certificate does not belong into a user's store, but into the machine's", () => {
  const computers = { ...rsa, info: { ...rsa.info, templateName: 'Machine' } };
  finds(inStore, { cards: onCards(computers), store: storing([]) }, 'Skipped', /belongs into this store/u);
  const machines = storing([], { scope: 'Computer' });
  finds(inStore, { cards: onCards(computers), store: machines }, 'Failed', /is not in the store/u);
});
test('Skipped: the cards have none, or the store can not be read', () => {
  finds(inStore, { cards: onCards() }, 'Skipped', /belongs into this store/u);
  finds(inStore, { store: unreadable }, 'Skipped', /store could not be read/u);
});
