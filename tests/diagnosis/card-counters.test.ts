import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardCounters } from '../../engine/diagnosis/checks/card-counters.js';
import { finds, onCards, problem, rsa } from './facts-sample.js';

const counters = {
  version: 0,
  pinsFreshness: 0,
  containersFreshness: 2,
  filesFreshness: 3,
  trailing: new Uint8Array(),
};
const of = { readerName: 'Alpha 00', cardId: 'AB' };

test('Passed: they can be read', () => {
  finds(
    cardCounters,
    { cards: { ...onCards(rsa), counters: [{ ...of, counters }] } },
    'Passed',
    /of 1 card/u,
  );
});
test('Failed: they can not', () => {
  const broken = { ...of, counters: problem('MalformedCardData') };
  const { evidence } = finds(
    cardCounters,
    { cards: { ...onCards(rsa), counters: [broken] } },
    'Failed',
    /cardcf/u,
  );
  assert.equal(evidence, 'reader=Alpha 00; card=AB; file=cardcf; error=MalformedCardData');
});
test('Skipped: no card has any', () => {
  finds(cardCounters, {}, 'Skipped', /GIDS/u);
});
