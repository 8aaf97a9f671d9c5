import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { definitions, policyNames, type PolicyName } from '../../engine/policy/policies.js';
import {
  allPolicies,
  findingAbout,
  policyOf,
  prohibitions,
  type GivenValue,
  type PolicyValues,
} from '../../engine/policy/policy.js';

const certPropKey = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CertProp';
const signInKey = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\SmartCardCredentialProvider';

function registry(given: Partial<Record<PolicyName, GivenValue>>): PolicyValues {
  const entries = policyNames.flatMap((name): [PolicyName, GivenValue][] => {
    const value = given[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { place: { kind: 'Registry' }, given: new Map(entries) };
}

for (const [name, path, notConfigured, values] of [
  ['CertPropEnabled', certPropKey, 'Enabled', ['Disabled', 'Enabled']],
  ['EnableRootCertificatePropagation', certPropKey, 'Enabled', ['Disabled', 'Enabled']],
  ['RootCertificateCleanupOption', certPropKey, 'OnSignOut', ['Never', 'OnCardRemoval', 'OnSignOut']],
  ['AllowCertificatesWithNoEKU', signInKey, 'Disabled', ['Disabled', 'Enabled']],
  ['AllowSignatureOnlyKeys', signInKey, 'Disabled', ['Disabled', 'Enabled']],
  ['AllowTimeInvalidCertificates', signInKey, 'Disabled', ['Disabled', 'Enabled']],
  ['FilterDuplicateCerts', signInKey, 'Enabled', ['Disabled', 'Enabled']],
  ['ForceReadingAllCertificates', signInKey, 'Disabled', ['Disabled', 'Enabled']],
  ['X509HintsNeeded', signInKey, 'Disabled', ['Disabled', 'Enabled']],
  [
    'fEnableSmartCard',
    'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Terminal Services',
    'Enabled',
    ['Disabled', 'Enabled'],
  ],
] as const) {
  test(`${name} is ${notConfigured} unless its value in ${path} says otherwise`, () => {
    const { description } = definitions[name];
    assert.match(description, /^[A-Z].*\.$/u);
    assert.deepEqual(policyOf(name, registry({})), {
      ...{ name, path, description, effective: notConfigured, source: 'Default', value: null },
    });
    for (const [value, effective] of values.entries()) {
      const policy = policyOf(name, registry({ [name]: value }));
      assert.deepEqual(policy, { name, path, description, effective, source: 'Registry', value });
      assert.equal(findingAbout(policy), null);
    }
  });

  for (const value of [values.length, 0xffffffff, { type: 'REG_SZ' }] as const) {
    test(`${name} that is ${JSON.stringify(value)} leaves the default, and is told`, () => {
      const policy = policyOf(name, registry({ [name]: value }));
      assert.equal(policy.effective, notConfigured);
      assert.equal(policy.source, 'Default');
      assert.deepEqual(policy.value, value);
      const finding = findingAbout(policy);
      assert.equal(finding?.id, 'PolicyValueUnknown');
      assert.equal(finding.details.file, path);
      const shown = typeof value === 'number' ? `is ${value},` : 'is of type REG_SZ,';
      for (const part of [name, path, shown, `${notConfigured} holds`])
        assert.ok(finding.message.includes(part), finding.message);
    });
  }
}

test('all policies are told, each once', () => {
  const names = allPolicies(registry({})).map(({ name }) => name);
  assert.deepEqual(names, policyNames);
  assert.equal(new Set(names).size, 10);
});

test('root certificates are not propagated where certificates are not', () => {
  const rootPropagation = (values: PolicyValues) => {
    const policy = allPolicies(values).find(({ name }) => name === 'EnableRootCertificatePropagation');
    assert.ok(policy);
    return [policy.effective, policy.source, policy.value];
  };
  assert.deepEqual(rootPropagation(registry({})), ['Enabled', 'Default', null]);
  assert.deepEqual(rootPropagation(registry({ CertPropEnabled: 1 })), ['Enabled', 'Default', null]);
  assert.deepEqual(rootPropagation(registry({ CertPropEnabled: 0 })), ['Disabled', 'Registry', null]);
  assert.deepEqual(rootPropagation(registry({ CertPropEnabled: 0, EnableRootCertificatePropagation: 1 })), [
    'Disabled',
    'Registry',
    1,
  ]);
});

for (const given of [undefined, 1, 2, { type: 'REG_SZ' }] as const) {
  test(`propagation is allowed with ${given === undefined ? 'nothing' : JSON.stringify(given)} as CertPropEnabled`, () => {
    assert.deepEqual(prohibitions(registry(given === undefined ? {} : { CertPropEnabled: given })), {
      everything: null,
      roots: null,
    });
  });
}

test('propagation is forbidden by CertPropEnabled 0, whose place is named', () => {
  assert.equal(
    prohibitions(registry({ CertPropEnabled: 0 })).everything,
    `Policy turns certificate propagation off: CertPropEnabled is 0 in ${certPropKey}.`,
  );
  const file: PolicyValues = {
    place: { kind: 'File', file: '/etc/certprop/policy.json' },
    given: new Map([['CertPropEnabled', 0]]),
  };
  assert.match(
    prohibitions(file).everything ?? '',
    /CertPropEnabled is 0 in \/etc\/certprop\/policy\.json\.$/u,
  );
});

test('any values give settings that have a meaning, and a finding exactly for those that have none', () => {
  const value = fc.oneof(
    fc.nat({ max: 3 }),
    fc.nat({ max: 0xffffffff }),
    fc.record({ type: fc.string({ unit: 'binary' }) }),
  );
  const entries = fc.uniqueArray(fc.tuple(fc.constantFrom(...policyNames), value), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(entries, (given) => {
      for (const policy of allPolicies({ place: { kind: 'Registry' }, given: new Map(given) })) {
        const { meanings, notConfigured } = definitions[policy.name];
        assert.ok([...Object.values(meanings), notConfigured].includes(policy.effective));
        const { value } = policy;
        const known =
          value === null || (typeof value === 'number' && Object.keys(meanings).includes(`${value}`));
        assert.equal(findingAbout(policy) === null, known);
        // eslint-disable-next-line no-control-regex
        assert.doesNotMatch(findingAbout(policy)?.message ?? '', /[\u0000-\u001f\u202e]/u);
      }
    }),
  );
});
