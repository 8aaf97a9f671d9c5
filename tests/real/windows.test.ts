/** The whole way on Windows, under Wine: node.exe, koffi, winscard, crypt32, registry; a .NET program is the witness. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { startCardServer, type CardServer } from '../support/card-server.js';
import { skipWithoutWineWitness, wineWitness } from '../support/dotnet-witness.js';
import { personalStore, propagate, removeNamed } from '../support/engine-plan.js';
import { compileShim, setShimPort, shimViolations, skipWithoutMingw } from '../support/shims.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const readerName = 'Kartenleser Süd 0';
const policyKey = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\CertProp';

const withoutWitness = await skipWithoutWineWitness();

suite('Propagation on Windows', { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let server: CardServer;
  let engine: WineEngine;

  before(async () => {
    const shims = [compileShim('winscard')];
    [server, wine] = await Promise.all([startCardServer(), startWine({ shims })]);
    setShimPort(wine, 'winscard', server.port);
    server.addReader(readerName);
    server.insert(readerName, gidsCard((await makeSampleCard()).state));
  });
  after(async () => {
    await wine.stop();
    await server.stop();
  });
  beforeEach(async () => {
    engine = await startEngine(wine);
  });
  afterEach(async () => {
    await engine.end();
    assert.equal(shimViolations(wine, 'winscard'), '');
  });

  async function listed(): Promise<string[]> {
    const thumbprints: string[] = [];
    const reading = { readers: null, thumbprints: null, roots: false, allSlots: false, pkcs11Module: null };
    await engine.request('certificate/list', { ...reading, trace: 'None' }, (event) => {
      if (event.kind === 'certificate') thumbprints.push(event.certificate.thumbprint);
    });
    return thumbprints;
  }

  async function afresh(): Promise<void> {
    await engine.end();
    engine = await startEngine(wine);
  }

  test('What policy forbids is not written', async () => {
    await setRegistryValue(wine, policyKey, 'CertPropEnabled', 'REG_DWORD', '0');
    const { results, errors } = await propagate(engine, personalStore);
    assert.deepEqual(errors, []);
    assert.equal(results.length, 3);
    for (const result of results) {
      assert.deepEqual([result.action, result.reason], ['Skipped', 'PolicyDisabled']);
      assert.match(result.detail, /CertPropEnabled/u);
    }
    await setRegistryValue(wine, policyKey, 'CertPropEnabled', 'REG_DWORD', '1');
    const { results: gone } = await removeNamed(engine, personalStore, await listed());
    assert.deepEqual(
      gone.map(({ reason }) => reason),
      ['NotFound', 'NotFound', 'NotFound'],
    );
  });

  test('Certificates go to the Personal store, stay as they are, and are taken out again', async () => {
    const thumbprints = await listed();
    assert.equal(thumbprints.length, 3);

    const first = await propagate(engine, personalStore);
    assert.deepEqual(first.errors, []);
    assert.deepEqual(
      first.results.map(({ thumbprint, action }) => [thumbprint, action]),
      thumbprints.map((thumbprint) => [thumbprint, 'Added']),
    );

    await afresh();
    const again = await propagate(engine, personalStore);
    assert.deepEqual(
      again.results.map(({ action, reason }) => [action, reason]),
      thumbprints.map(() => ['Unchanged', 'AlreadyInStore']),
    );

    await afresh();
    const removed = await removeNamed(engine, personalStore, thumbprints);
    assert.deepEqual(
      removed.results.map(({ action }) => action),
      ['Removed', 'Removed', 'Removed'],
    );

    await afresh();
    const gone = await removeNamed(engine, personalStore, thumbprints);
    assert.deepEqual(
      gone.results.map(({ reason }) => reason),
      ['NotFound', 'NotFound', 'NotFound'],
    );
  });

  test('.NET sees the same certificates with their key links', { skip: withoutWitness }, async () => {
    const witness = await wineWitness(wine);
    const seen = () => witness.list('CurrentUser', 'My');
    const { results } = await propagate(engine, personalStore);
    assert.deepEqual(
      (await seen()).map(({ thumbprint, hasPrivateKey }) => [thumbprint, hasPrivateKey]).sort(),
      results.map(({ thumbprint, container }) => [thumbprint, container !== null]).sort(),
    );
    await removeNamed(
      engine,
      personalStore,
      results.map(({ thumbprint }) => thumbprint),
    );
    assert.deepEqual(await seen(), []);
  });
});
