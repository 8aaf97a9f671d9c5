import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readers } from '../../engine/diagnosis/checks/readers.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { finds, onCards, problem, reader, unreadable } from './facts-sample.js';

test('Passed: they can be used', () => {
  finds(readers, { readers: seen([reader(), reader('Empty', 'Beta')]) }, 'Passed', /^2 readers/u);
});
test('Failed: there is none', () => {
  finds(readers, { readers: seen([]) }, 'Failed', /no smart card reader/u);
});
test('Failed: one can not be used', () => {
  const readersSeen = seen([reader(), reader('Unavailable', 'Beta')]);
  const { evidence } = finds(readers, { readers: readersSeen }, 'Failed', /"Beta" can't be used/u);
  assert.equal(evidence, 'reader=Beta; state=Unavailable');
});
test('Failed: one that was named is not there', () => {
  const cards = { ...onCards(), problems: [problem('ReaderNotFound', { readerName: 'Nobody' })] };
  const { evidence } = finds(readers, { cards }, 'Failed', /ReaderNotFound/u);
  assert.equal(evidence, 'reader=Nobody; error=ReaderNotFound');
});
test('Skipped: the service does not answer', () => {
  finds(readers, { readers: unreadable }, 'Skipped', /can't be told/u);
});
