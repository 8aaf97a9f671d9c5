import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card } from '../../engine/diagnosis/checks/card.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { findingsOf, finds, onCards, problem, reader, unreadable } from './facts-sample.js';

const unknown = problem('UnknownCard', { readerName: 'Alpha 00', atr: '3B00' });

test('Passed: each could be read; an empty reader beside it is no fault', () => {
  finds(card, { readers: seen([reader(), reader('Empty', 'Beta')]) }, 'Passed', /^1 card/u);
});
test('Failed: no reader has one', () => {
  finds(
    card,
    { readers: seen([reader('Empty')]), cards: onCards() },
    'Failed',
    /no card in the reader "Alpha 00"/u,
  );
});
test('Failed: a reader that was named has none', () => {
  const readers = seen([reader(), { ...reader('Empty', 'Beta'), named: true }]);
  const [first, second] = findingsOf(card, { readers });
  assert.match(first?.finding ?? '', /no card in the reader "Beta"/u);
  assert.deepEqual([first?.status, second?.status], ['Failed', 'Passed']);
});
test('Failed: it is of an unknown kind, with its ATR', () => {
  const { evidence, remedy } = finds(
    card,
    { cards: { ...onCards(), problems: [unknown] } },
    'Failed',
    /UnknownCard happened/u,
  );
  assert.equal(evidence, 'reader=Alpha 00; error=UnknownCard; atr=3B00');
  assert.match(remedy ?? '', /-Pkcs11Module/u);
});
test('Failed: what concerns no reader is told too', () => {
  const problems = [problem('Pkcs11ModuleFailed')];
  const [first, second] = findingsOf(card, { cards: { ...onCards(), problems } });
  assert.deepEqual(
    [first?.status, first?.evidence, second?.status],
    ['Failed', 'error=Pkcs11ModuleFailed; atr=none', 'Passed'],
  );
});
test('Skipped: the service does not answer', () => {
  finds(card, { readers: unreadable }, 'Skipped', /can't be told/u);
});
