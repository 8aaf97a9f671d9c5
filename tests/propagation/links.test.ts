import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMovedKeys } from '../../engine/propagation/links.js';
import { container, onCard } from './sample.js';

test('a certificate whose key lies in another container of its card is given that one', async () => {
  const rsa = await onCard('user-rsa');
  const other = { ...container, index: 1, name: 'second' };
  const ec = await onCard('user-ec', { container: other, slot: '1', keySpec: 'Signature' });
  const [moved, left] = withMovedKeys([
    { ...rsa, key: ec.key },
    { ...ec, key: rsa.key },
  ]);
  assert.deepEqual(moved?.file.container, other);
  assert.equal(moved.file.keySpec, 'Signature');
  assert.deepEqual(moved.key, rsa.key);
  assert.deepEqual(left?.file.container, container);
});

test('a key on another card is not the same place', async () => {
  const rsa = await onCard('user-rsa');
  const ec = await onCard('user-ec');
  const mismatched = { ...rsa, key: ec.key };
  const elsewhere = { ...ec, key: rsa.key, card: { ...ec.card, cardId: 'FF' } };
  assert.deepEqual(withMovedKeys([mismatched, elsewhere]), [mismatched, elsewhere]);
});
