import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertPropError } from '../../engine/errors.js';
import { describeError } from '../../engine/rpc/describe.js';
import { failure } from '../../engine/rpc/failure.js';

const disguised = new CertPropError('NoCard', 'There is no card in R\u202e.', {
  readerName: 'R\u202e',
  file: 'kxc\u001b00',
  hresult: 0x8010000c,
});
const shown = {
  id: 'NoCard',
  message: 'There is no card in R\\u{202e}.',
  readerName: 'R\\u{202e}',
  file: 'kxc\\u{1b}00',
  hresult: 0x8010000c,
};

test('outside text in an error and in what it is about is shown without hidden characters', () => {
  assert.deepEqual(describeError(disguised), shown);
});

test('an error that answers a request is shown like one that is streamed', () => {
  const answer = failure('certificate/list', disguised, new AbortController().signal);
  assert.equal(answer.message, shown.message);
  assert.deepEqual(answer.data, shown);
});

test('an error from deep in a card says what to do, and others keep their own words', () => {
  const { message } = describeError(new CertPropError('MalformedCardData', 'The container map is damaged.'));
  assert.match(message, /^The container map is damaged\. Insert the card again/u);
  const own = 'There is no card in R. Insert it.';
  assert.equal(describeError(new CertPropError('NoCard', own)).message, own);
});
