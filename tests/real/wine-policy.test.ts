/** Group policy in a real registry: the engine with a virtual card under Wine; and what kind of session it runs in. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import { plainPropagation } from '../../build/engine-client.js';
import type { ErrorData, StreamEvent } from '../../engine/rpc/contract.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { personalStore } from '../support/engine-plan.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const policies = 'HKLM\\SOFTWARE\\Policies\\Microsoft';
const certProp = `${policies}\\Windows\\CertProp`;
const userStore = 'HKCU\\Software\\Microsoft\\SystemCertificates\\My\\Certificates';

suite('Group policy under Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  let engine: WineEngine;
  before(async () => {
    wine = await startWine();
    const script = await bundleForWine(wine, 'engine/demo.ts');
    const reader = join(dirname(script), 'readers', 'Virtual Reader 00');
    mkdirSync(reader, { recursive: true });
    writeFileSync(join(reader, 'card.json'), writeCardImage((await makeSampleCard()).state));
    engine = await startEngine(wine, script);
  });
  after(async () => {
    await engine.end();
    await wine.stop();
  });
  afterEach(() => wine.run('reg', ['delete', policies, '/f']));

  async function read(name: string) {
    const warnings: ErrorData[] = [];
    const answer = await engine.request('policy/read', { trace: 'None' }, (event) => {
      if (event.kind === 'warning') warnings.push(event.error);
    });
    const policy = answer.policies.find((candidate) => candidate.name === name);
    assert.ok(policy);
    const { value, effective, source, path } = policy;
    return { all: answer.policies, value, effective, source, path, warnings };
  }

  /** Plans and carries out the propagation of the card to the user's Personal store. */
  async function propagate({ ignorePolicy = false, whatIf = false } = {}) {
    const results: PropagationResult[] = [];
    const warnings: ErrorData[] = [];
    const collect = (event: StreamEvent): void => {
      if (event.kind === 'result') results.push(event.result);
      if (event.kind === 'warning') warnings.push(event.error);
      if (event.kind === 'error') assert.fail(event.error.message);
    };
    const { planId, count } = await engine.request(
      'propagation/plan',
      {
        ...{ ...plainPropagation, ...personalStore, ignorePolicy },
      },
      collect,
    );
    if (whatIf) await engine.request('plan/discard', { planId });
    else {
      const indexes = Array.from({ length: count }, (_, index) => index);
      await engine.request('plan/apply', { planId, indexes, trace: 'None' }, collect);
    }
    return { reasons: results.map(({ action, reason }) => `${action} ${reason}`), results, warnings };
  }

  const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

  test('Nothing is configured in a fresh registry: all policies are at their defaults', async () => {
    const { all, warnings } = await read('CertPropEnabled');
    assert.equal(all.length, 10);
    assert.ok(all.every(({ value, source }) => value === null && source === 'Default'));
    assert.deepEqual(warnings, []);
    const { reasons } = await propagate({ whatIf: true });
    assert.deepEqual(reasons, times(4, 'Added NotInStore'));
  });

  test('CertPropEnabled 0: every certificate is left out, planned and applied, and nothing is written', async () => {
    await setRegistryValue(wine, certProp, 'CertPropEnabled', 'REG_DWORD', '0');
    const { value, effective, source, path } = await read('CertPropEnabled');
    assert.deepEqual(
      { value, effective, source, path },
      { value: 0, effective: 'Disabled', source: 'Registry', path: certProp },
    );
    const { reasons, results } = await propagate();
    assert.deepEqual(reasons, times(8, 'Skipped PolicyDisabled'));
    assert.ok(results.every(({ detail }) => detail.includes(`CertPropEnabled is 0 in ${certProp}`)));
    const { output } = await wine.run('reg', ['query', userStore]);
    assert.doesNotMatch(output, /[0-9A-F]{40}/u);
  });

  test('CertPropEnabled 1 is on, and from the registry', async () => {
    await setRegistryValue(wine, certProp, 'CertPropEnabled', 'REG_DWORD', '1');
    const { value, effective, source } = await read('CertPropEnabled');
    assert.deepEqual({ value, effective, source }, { value: 1, effective: 'Enabled', source: 'Registry' });
    assert.deepEqual((await propagate({ whatIf: true })).reasons, times(4, 'Added NotInStore'));
  });

  for (const [type, data] of [
    ['REG_SZ', '0'],
    ['REG_BINARY', '00000000'],
  ] as const) {
    test(`A ${type} instead of a number leaves the default, with a warning that names the key`, async () => {
      await wine.run('reg', ['add', certProp, '/v', 'CertPropEnabled', '/t', type, '/d', data, '/f']);
      const { value, effective, source, warnings } = await read('CertPropEnabled');
      assert.deepEqual(
        { value, effective, source },
        { value: type, effective: 'Enabled', source: 'Default' },
      );
      const planned = await propagate({ whatIf: true });
      assert.deepEqual(planned.reasons, times(4, 'Added NotInStore'));
      for (const { id, message } of [...warnings, ...planned.warnings]) {
        assert.equal(id, 'PolicyValueUnknown');
        assert.ok(message.includes(`CertPropEnabled in ${certProp} is of type ${type}`), message);
      }
      assert.deepEqual([warnings.length, planned.warnings.length], [1, 1]);
    });
  }

  test('EnableRootCertificatePropagation 0: roots alone are left out', async () => {
    await setRegistryValue(wine, certProp, 'CertPropEnabled', 'REG_DWORD', '1');
    await setRegistryValue(wine, certProp, 'EnableRootCertificatePropagation', 'REG_DWORD', '0');
    const { reasons, results } = await propagate({ whatIf: true });
    assert.deepEqual(reasons, [...times(3, 'Added NotInStore'), 'Skipped PolicyDisabled']);
    assert.match(results[3]?.detail ?? '', /EnableRootCertificatePropagation is 0 in HKLM/u);
    await wine.run('reg', ['delete', certProp, '/v', 'EnableRootCertificatePropagation', '/f']);
  });

  test('Policies of other keys are read too, and numbers as they are', async () => {
    await setRegistryValue(wine, certProp, 'RootCertificateCleanupOption', 'REG_DWORD', '1');
    const services = `${policies}\\Windows NT\\Terminal Services`;
    await setRegistryValue(wine, services, 'fEnableSmartCard', 'REG_DWORD', '0');
    const signIn = `${policies}\\Windows\\SmartCardCredentialProvider`;
    await setRegistryValue(wine, signIn, 'X509HintsNeeded', 'REG_DWORD', '4294967295');
    assert.equal((await read('RootCertificateCleanupOption')).effective, 'OnCardRemoval');
    const { effective, path } = await read('fEnableSmartCard');
    assert.deepEqual([effective, path], ['Disabled', services]);
    const hints = await read('X509HintsNeeded');
    assert.deepEqual([hints.value, hints.effective, hints.source], [0xffffffff, 'Disabled', 'Default']);
    assert.equal(hints.warnings.length, 1);
  });

  test('A policy set by a 32-bit program counts: policies are the same ones in both views of the registry', async () => {
    const other = certProp.replace('SOFTWARE', 'SOFTWARE\\WOW6432Node');
    await setRegistryValue(wine, other, 'CertPropEnabled', 'REG_DWORD', '0');
    const { output } = await wine.run('reg', ['query', certProp, '/v', 'CertPropEnabled']);
    assert.match(output, /REG_DWORD\s+0x0/u);
    const { effective, path } = await read('CertPropEnabled');
    assert.deepEqual([effective, path], ['Disabled', certProp]);
  });

  test('An administrator can ignore the policy, which is named in a warning', async () => {
    await setRegistryValue(wine, certProp, 'CertPropEnabled', 'REG_DWORD', '0');
    const { reasons, warnings } = await propagate({ ignorePolicy: true });
    assert.deepEqual(reasons, times(8, 'Added NotInStore'));
    assert.deepEqual(
      warnings.map(({ id }) => id),
      ['PolicyOverridden'],
    );
    assert.match(warnings[0]?.message ?? '', /CertPropEnabled is 0 in HKLM/u);
    const { output } = await wine.run('reg', ['query', userStore]);
    assert.equal(output.match(/[0-9A-F]{40}/gu)?.length, 3);
  });
});

suite('The session under Wine', { skip: skipWithoutWine() }, () => {
  const terminalServer = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server';
  /** The one in which Wine 8 has all programs (ProcessIdToSessionId). */
  const ownSession = '1';
  let wine: Wine;
  let script = '';
  before(async () => {
    wine = await startWine();
    script = await bundleForWine(wine, 'tests/policy/session-script.ts');
  });
  after(() => wine.stop());

  async function session(): Promise<string> {
    const { exitCode, output } = await runNode(wine, script);
    assert.equal(exitCode, 0);
    return output.trim();
  }

  test('It is not a remote one where no local session is known', async () => {
    assert.equal(await session(), 'not remote');
  });

  test('It is a remote one if another session is the local one', async () => {
    await setRegistryValue(wine, terminalServer, 'GlassSessionId', 'REG_DWORD', '7');
    assert.equal(await session(), 'remote');
  });

  test('It is not a remote one if it is the local one', async () => {
    await setRegistryValue(wine, terminalServer, 'GlassSessionId', 'REG_DWORD', ownSession);
    assert.equal(await session(), 'not remote');
  });

  test('It is not a remote one if what should be the number of the local session is text', async () => {
    await setRegistryValue(wine, terminalServer, 'GlassSessionId', 'REG_SZ', '7');
    assert.equal(await session(), 'not remote');
  });
});
