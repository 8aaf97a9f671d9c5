import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRemoteSession, remoteBy } from '../../engine/policy/session.js';

for (const [what, facts, remote] of [
  ['the local session', { metric: 0, session: 1, glass: 1 }, false],
  ['a session of which Windows says so', { metric: 1, session: 2, glass: 1 }, true],
  [
    'a session of which Windows says so, with the local one’s number',
    { metric: 1, session: 1, glass: 1 },
    true,
  ],
  [
    'a session of which Windows says so, and nothing else is known',
    { metric: 1, session: null, glass: null },
    true,
  ],
  ['a session with another number than the local one’s', { metric: 0, session: 3, glass: 1 }, true],
  ['the services’ session', { metric: 0, session: 0, glass: 1 }, false],
  ['the services’ session, whatever Windows says', { metric: 1, session: 0, glass: 1 }, false],
  ['a session where no local one is known', { metric: 0, session: 1, glass: null }, false],
  ['a session without a known number', { metric: 0, session: null, glass: 1 }, false],
  ['a session of which nothing is known', { metric: 0, session: null, glass: null }, false],
] as const) {
  test(`${what} is ${remote ? 'remote' : 'not remote'}`, () => {
    assert.equal(remoteBy(facts), remote);
  });
}

test(
  'there is no remote session elsewhere than on Windows',
  { skip: process.platform === 'win32' },
  async () => {
    assert.equal(await isRemoteSession(), false);
  },
);
