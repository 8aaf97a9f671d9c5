/** The whole way on Windows, under Wine: node.exe, koffi, winscard, crypt32, registry; a .NET program is the witness. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { startCardServer, type CardServer } from '../support/card-server.js';
import { skipWithoutWineWitness, wineWitness } from '../support/dotnet-witness.js';
import { personalStore, propagate, removeNamed, removeRoots, type Outcome } from '../support/engine-plan.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
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
  let card: ReturnType<typeof gidsCard>;

  before(async () => {
    const shims = [compileShim('winscard')];
    [server, wine] = await Promise.all([startCardServer(), startWine({ shims })]);
    setShimPort(wine, 'winscard', server.port);
    server.addReader(readerName);
    card = gidsCard((await makeSampleCard()).state);
    server.insert(readerName, card);
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

  function personal({ results, errors }: Outcome): readonly PropagationResult[] {
    assert.deepEqual(errors, []);
    return results.filter(({ store }) => store === 'My');
  }

  async function afresh(): Promise<void> {
    await engine.end();
    engine = await startEngine(wine);
  }

  test('What policy forbids is not written', async () => {
    await setRegistryValue(wine, policyKey, 'CertPropEnabled', 'REG_DWORD', '0');
    const { results, errors } = await propagate(engine, personalStore);
    assert.deepEqual(errors, []);
    assert.equal(results.length, 4);
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

    const first = personal(await propagate(engine, personalStore));
    assert.deepEqual(
      first.map(({ thumbprint, action }) => [thumbprint, action]),
      thumbprints.map((thumbprint) => [thumbprint, 'Added']),
    );

    await afresh();
    const again = personal(await propagate(engine, personalStore));
    assert.deepEqual(
      again.map(({ action, reason }) => [action, reason]),
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

  test("The card's root goes to the machine's SmartCardRoot, and is cleaned away when the card is gone", async () => {
    await removeRoots(engine, personalStore, false);
    const root = (await propagate(engine, personalStore)).results.filter(({ store }) => store !== 'My');
    assert.deepEqual(
      root.map(({ store, action }) => [store, action]),
      [['SmartCardRoot', 'Added']],
    );
    const inRegistry = `HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\SmartCardRoot\\Certificates\\${root[0]?.thumbprint ?? ''}`;
    const isThere = async () => (await wine.run('reg', ['query', inRegistry])).exitCode === 0;
    assert.equal(await isThere(), true);

    await afresh();
    assert.deepEqual((await removeRoots(engine, personalStore, true)).results, []);
    server.insert(readerName, null);
    const cleaned = await removeRoots(engine, personalStore, true);
    server.insert(readerName, card);
    assert.deepEqual(
      cleaned.results.map(({ action, reason }) => [action, reason]),
      [['Removed', 'Mark']],
    );
    assert.equal(await isThere(), false);
    await removeNamed(engine, personalStore, await listed());
  });

  test('In a remote session nothing is propagated unless it is asked for', async () => {
    const key = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server';
    await setRegistryValue(wine, key, 'GlassSessionId', 'REG_DWORD', '7');
    const { results, errors } = await propagate(engine, personalStore);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      [...new Set(results.map(({ action, reason }) => `${action} ${reason}`))],
      ['Skipped RemoteSession'],
    );
    const asked = personal(await propagate(engine, personalStore, { includeRemote: true }));
    assert.deepEqual([...new Set(asked.map(({ action }) => action))], ['Added']);
    await removeNamed(engine, personalStore, await listed());
    await wine.run('reg', ['delete', key, '/v', 'GlassSessionId', '/f']);
  });

  test('.NET sees the same certificates with their key links', { skip: withoutWitness }, async () => {
    const witness = await wineWitness(wine);
    const seen = () => witness.list('CurrentUser', 'My');
    const results = personal(await propagate(engine, personalStore));
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
