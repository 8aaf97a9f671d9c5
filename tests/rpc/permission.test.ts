import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { filePolicies } from '../../engine/policy/file.js';
import type { GivenValue, PolicySource } from '../../engine/policy/policy.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { EventQueue } from '../../engine/rpc/events.js';
import { forbiddenByPolicy } from '../../engine/rpc/permission.js';

const off = source(0);
const unreadable: PolicySource = {
  read: () => Promise.reject(new CertPropError('PolicyNotReadable', 'Access denied.')),
};

function source(value: GivenValue): PolicySource {
  return {
    read: () =>
      Promise.resolve({ place: { kind: 'Registry' }, given: new Map([['CertPropEnabled', value]]) }),
  };
}

/** What stands in the way, and the warnings. */
async function ask(policies: PolicySource, ignorePolicy: boolean, elevated = false) {
  const events: StreamEvent[] = [];
  const out = new EventQueue({
    signal: new AbortController().signal,
    stream: (event) => {
      events.push(event);
      return Promise.resolve();
    },
  });
  const { everything: obstacle } = await forbiddenByPolicy(
    { policies, isElevated: () => Promise.resolve(elevated) },
    ignorePolicy,
    out,
  );
  await out.sent();
  const warnings = events.map((event) => (event.kind === 'warning' ? event.error : assert.fail(event.kind)));
  return { obstacle, warnings };
}

function errorOf(id: ErrorId, message: RegExp) {
  return (error: unknown) => error instanceof CertPropError && error.id === id && message.test(error.message);
}

test('nothing stands in the way where policy is on or not configured', async () => {
  assert.deepEqual(await ask(source(1), false), { obstacle: null, warnings: [] });
  assert.deepEqual(await ask(filePolicies('/nowhere/policy.json'), false), { obstacle: null, warnings: [] });
});

test('a policy that is off stands in the way, and is named', async () => {
  const { obstacle, warnings } = await ask(off, false, true);
  assert.match(obstacle ?? '', /CertPropEnabled is 0 in HKLM\\/u);
  assert.deepEqual(warnings, []);
});

test('a value that means nothing is a warning, and the default holds', async () => {
  const { obstacle, warnings } = await ask(source({ type: 'REG_SZ' }), false);
  assert.equal(obstacle, null);
  assert.deepEqual(
    warnings.map(({ id }) => id),
    ['PolicyValueUnknown'],
  );
});

test('policies that can’t be read are an error', async () => {
  await assert.rejects(ask(unreadable, false, true), errorOf('PolicyNotReadable', /Access denied/u));
});

test('an administrator can ignore a policy, which is named in a warning', async () => {
  for (const [policies, named] of [
    [off, /against policy.*CertPropEnabled is 0 in HKLM/u],
    [unreadable, /against policy.*Access denied/u],
  ] as const) {
    const { obstacle, warnings } = await ask(policies, true, true);
    assert.equal(obstacle, null);
    assert.equal(warnings.length, 1);
    assert.equal(warnings[0]?.id, 'PolicyOverridden');
    assert.match(warnings[0].message, named);
  }
});

test('others can’t', async () => {
  await assert.rejects(ask(off, true), errorOf('ElevationRequired', /CertPropEnabled is 0 in HKLM/u));
  await assert.rejects(ask(unreadable, true), errorOf('ElevationRequired', /Access denied/u));
});

test('where no policy stands in the way there is nothing to ignore, and nobody needs rights for it', async () => {
  assert.deepEqual(await ask(source(1), true), { obstacle: null, warnings: [] });
});
