import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardCertificates } from '../../engine/diagnosis/checks/card-certificates.js';
import { finds, onCards, problem, rsa, unreadable } from './facts-sample.js';

test('Passed: all could be read', () => {
  finds(cardCertificates, {}, 'Passed', /^1 certificate could/u);
});
test('Failed: one file is damaged', () => {
  const damaged = problem('MalformedCardData', { readerName: 'Alpha 00', cardId: 'AB', file: 'kxc01' });
  const cards = { ...onCards(rsa), problems: [damaged] };
  const { evidence } = finds(cardCertificates, { cards }, 'Failed', /MalformedCardData happened/u);
  assert.equal(evidence, 'reader=Alpha 00; card=AB; file=kxc01; error=MalformedCardData');
});
test('Warning: the cards hold none', () => {
  finds(cardCertificates, { cards: onCards() }, 'Warning', /No card holds/u);
});
test('Skipped: no card could be read', () => {
  finds(cardCertificates, { cards: onCards(), readers: unreadable }, 'Skipped', /No card could be read/u);
});
