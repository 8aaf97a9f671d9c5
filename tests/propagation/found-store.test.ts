import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isForeign } from '../../engine/propagation/found-store.js';

const foreign = (upn: string | null, userName: string | null): boolean | null =>
  isForeign(upn, { profilePath: '/profiles/x', userName });

test('the user part of the UPN is the user name, whatever the case', () => {
  assert.equal(foreign('Jane@example.org', 'jane'), false);
  assert.equal(foreign('jane', 'JANE'), false);
  assert.equal(foreign('jane@home@example.org', 'jane@home'), false);
});

test('another name, also one that only begins alike, is another user', () => {
  for (const userName of ['john', 'janet', 'jan', 'jane.doe', 'jane.0000', ''])
    assert.equal(foreign('jane@example.org', userName), true, userName);
});

test('what Windows adds to the name of a profile folder makes no other user', () => {
  for (const userName of ['jane.000', 'jane.V6', 'jane.EXAMPLE', 'Jane.example.V2'])
    assert.equal(foreign('jane@example.org', userName), false, userName);
});

test('without a UPN or a user name nobody knows', () => {
  assert.equal(foreign(null, 'jane'), null);
  assert.equal(foreign('jane@example.org', null), null);
});
