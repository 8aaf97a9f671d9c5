/** What Windows says of the machine, from a real registry and service control manager: a diagnosis under Wine. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, afterEach, before, suite, test } from 'node:test';
import type { Finding } from '../../engine/diagnosis/finding.js';
import type { ServiceFacts } from '../../engine/machine/facts.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { personalStore } from '../support/engine-plan.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const service = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\CertPropSvc';
const ntAuth = 'HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates\\NTAuth\\Certificates';
const cache = 'HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\Cache';

suite('A diagnosis under Wine', { skip: skipWithoutWine() }, () => {
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
  afterEach(async () => {
    for (const key of [service, ntAuth, cache]) await wine.run('reg', ['delete', key, '/f']);
  });

  async function finding(name: Finding['name']): Promise<Finding> {
    const found: Finding[] = [];
    const wanted = { readers: null, pkcs11Module: null, rdpFile: null, trace: 'None' } as const;
    await engine.request('propagation/test', { ...personalStore, ...wanted }, (event) => {
      if (event.kind === 'check') found.push(event.check);
    });
    return found.find((candidate) => candidate.name === name) ?? assert.fail();
  }

  test('a machine without the service says so', async () => {
    const { status, evidence } = await finding('PropagationService');
    assert.deepEqual([status, evidence], ['Failed', 'service=CertPropSvc; startType=none; state=none']);
  });

  test('a disabled service is known by its start type', async () => {
    await setRegistryValue(wine, service, 'Start', 'REG_DWORD', '4');
    const { status, evidence } = await finding('PropagationService');
    assert.equal(status, 'Failed');
    assert.match(evidence, /startType=Disabled/u);
  });

  test('the state of a service is what the service control manager says', async () => {
    const script = await bundleForWine(wine, 'tests/wine/services-script.ts');
    const { output } = await runNode(wine, script, ['PlugPlay', 'NoSuchService']);
    const [known, unknown] = JSON.parse(output) as readonly ServiceFacts[];
    assert.equal(known?.start, 2);
    assert.ok(known.state === 1 || known.state === 4, output);
    assert.deepEqual(unknown, { start: null, state: null });
  });

  test('NTAuth: none on a machine in no domain, else the thumbprints are compared', async () => {
    assert.equal((await finding('IssuerTrust')).status, 'Skipped');
    await setRegistryValue(wine, `${ntAuth}\\${'AB'.repeat(20)}`, 'Blob', 'REG_SZ', '00');
    const { status, finding: sentence } = await finding('IssuerTrust');
    assert.equal(status, 'Failed');
    assert.match(sentence, /not in NTAuth/u);
  });

  test('what is kept of cards is named by its path while the smart card service does not run', async () => {
    assert.equal((await finding('PersistedCache')).status, 'Passed');
    await setRegistryValue(wine, `${cache}\\Cache\\0011`, 'Cached_GeneralFile/mscp/kxc00', 'REG_SZ', '00');
    const { status, evidence } = await finding('PersistedCache');
    assert.equal(status, 'Warning');
    assert.match(evidence, /items=Cache\\0011\\Cached_GeneralFile\/mscp\/kxc00$/u);
  });
});
