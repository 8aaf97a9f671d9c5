import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CertPropError } from '../../engine/errors.js';
import { policyNames } from '../../engine/policy/policies.js';
import { allPolicies } from '../../engine/policy/policy.js';
import { registryPolicies, type RegistryAnswer } from '../../engine/policy/registry.js';

const missing: RegistryAnswer = { code: 2, type: 0, value: 0 };

/** A registry in which one policy has this answer. */
function registryWith(name: string, answer: RegistryAnswer) {
  return registryPolicies(() => Promise.resolve((_key, asked) => (asked === name ? answer : missing)));
}

test('each policy is asked for once, below HKEY_LOCAL_MACHINE', async () => {
  const asked: string[] = [];
  const source = registryPolicies(() =>
    Promise.resolve((key, name) => {
      asked.push(`${key}|${name}`);
      return missing;
    }),
  );
  const values = await source.read();
  assert.equal(values.given.size, 0);
  assert.deepEqual(
    asked.map((question) => question.split('|')[1]),
    policyNames,
  );
  assert.ok(asked.every((question) => question.startsWith('SOFTWARE\\Policies\\Microsoft\\Windows')));
});

test('a number is the policy’s value', async () => {
  const { given } = await registryWith('CertPropEnabled', { code: 0, type: 4, value: 0 }).read();
  assert.deepEqual([...given], [['CertPropEnabled', 0]]);
});

for (const [what, answer, type] of [
  ['text', { code: 1630, type: 1, value: 0 }, 'REG_SZ'],
  ['bytes', { code: 1630, type: 3, value: 0 }, 'REG_BINARY'],
  ['a 64-bit number', { code: 1630, type: 11, value: 0 }, 'REG_QWORD'],
  ['a number of five bytes', { code: 234, type: 4, value: 0 }, 'REG_DWORD'],
  ['a number of three bytes', { code: 13, type: 4, value: 0 }, 'REG_DWORD'],
  ['something of a type that nobody knows', { code: 1630, type: 0x12345, value: 0 }, '74565'],
] as const) {
  test(`${what} is no value, and its type is told`, async () => {
    const { given } = await registryWith('CertPropEnabled', answer).read();
    assert.deepEqual([...given], [['CertPropEnabled', { type }]]);
  });
}

for (const code of [5, 6, 1018, 0xffffffff]) {
  test(`error ${code} is PolicyNotReadable: nothing may be assumed`, async () => {
    await assert.rejects(
      registryWith('CertPropEnabled', { code, type: 0, value: 0 }).read(),
      (error: unknown) =>
        error instanceof CertPropError &&
        error.id === 'PolicyNotReadable' &&
        error.details.hresult === code &&
        error.details.file === 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CertProp' &&
        error.message.includes('CertPropEnabled'),
    );
  });
}

test('whatever the registry answers, there are ten policies or an error for a person', async () => {
  const answers = fc.record({
    code: fc.oneof(fc.constantFrom(0, 2, 5, 13, 234, 1630), fc.nat({ max: 0xffffffff })),
    type: fc.nat({ max: 0xffffffff }),
    value: fc.nat({ max: 0xffffffff }),
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...policyNames), answers, async (name, answer) => {
      const values = await registryWith(name, answer)
        .read()
        .catch((error: unknown) => {
          assert.ok(error instanceof CertPropError);
          return null;
        });
      if (values !== null) assert.equal(allPolicies(values).length, 10);
    }),
  );
});
