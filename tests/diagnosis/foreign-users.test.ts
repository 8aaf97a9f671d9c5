import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignUsers } from '../../engine/diagnosis/checks/foreign-users.js';
import { finds, onCards, rsa, stored, storing, unreadable } from './facts-sample.js';

test("Passed: they are the user's own", () => {
  finds(foreignUsers, {}, 'Passed', /none is another user's/u);
});
test('Failed: a card that is gone left one behind', () => {
  const store = storing([stored(rsa)], { userName: 'john' });
  const { evidence } = finds(foreignUsers, { store, cards: onCards() }, 'Failed', /left it behind/u);
  assert.match(evidence, /upn=jane@corp.example; user=john$/u);
});
test('Warning: the card is inserted: an administrator has two names', () => {
  finds(foreignUsers, { store: storing([stored(rsa)], { userName: 'john' }) }, 'Warning', /inserted card/u);
});
test('Skipped: nobody says whose store it is, nothing came from cards, or it can not be read', () => {
  finds(foreignUsers, { store: storing([stored(rsa)], { userName: null }) }, 'Skipped', /whose store/u);
  finds(foreignUsers, { store: storing([]) }, 'Skipped', /came from a card/u);
  finds(foreignUsers, { store: unreadable }, 'Skipped', /could not be read/u);
});
