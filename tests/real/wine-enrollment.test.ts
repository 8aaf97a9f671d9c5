/** What only Windows' providers know of a card, on its way into the stores: node.exe, koffi, crypt32 and registry under Wine. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { propertyId } from '../../engine/store/property-id.js';
import { encodeElement } from '../../engine/store/serialized.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { startCardServer, type CardServer } from '../support/card-server.js';
import { personalStore, propagate } from '../support/engine-plan.js';
import { registerBaseCsp, setCards } from '../support/provider-doubles.js';
import { compileShim, setShimPort, shimViolations, skipWithoutMingw } from '../support/shims.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const reader = 'Kartenleser 0';
const request = readFileSync('tests/fixtures/certificates/bmp-name.der');
const own = readFileSync('tests/fixtures/certificates/user-rsa.der');
const root = readFileSync('tests/fixtures/certificates/authority/root-ec.der');
/** CERT_ENROLLMENT_PROP_ID: request 7, the CA's DNS name `a`, its name `b`, no friendly name. */
const enrollment = Buffer.from('07000000' + '0200000061000000' + '0200000062000000' + '00000000', 'hex');
/** A card of no kind that CertProp reads by itself. */
const unknownCard = {
  atr: Uint8Array.of(0x3b, 0x00),
  transmit: () => Uint8Array.of(0x6d, 0x00),
  reset: () => undefined,
};

suite('What the providers know', { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let server: CardServer;
  let engine: WineEngine;

  before(async () => {
    const shims = ['winscard', 'ncrypt', 'basecsp'].map(compileShim);
    [server, wine] = await Promise.all([startCardServer(), startWine({ shims })]);
    setShimPort(wine, 'winscard', server.port);
    await registerBaseCsp(wine);
    server.addReader(reader);
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

  async function stores(certificate: Uint8Array): Promise<string[]> {
    const found: string[] = [];
    for (const [hive, store] of [
      ['HKCU', 'My'],
      ['HKCU', 'Request'],
      ['HKLM', 'SmartCardRoot'],
    ] as const) {
      const key = `${hive}\\SOFTWARE\\Microsoft\\SystemCertificates\\${store}\\Certificates\\${thumbprintOf(certificate)}`;
      if ((await wine.run('reg', ['query', key])).exitCode === 0) found.push(store);
    }
    return found;
  }

  test("a request in the provider's store is filed in Request, and stays there once", async () => {
    server.insert(reader, gidsCard((await makeSampleCard()).state));
    const element = encodeElement(request, new Map([[propertyId.enrollment, enrollment]]));
    setCards(wine, [{ provider: 'CSP', reader, store: 'User', element }]);
    const filed = (await propagate(engine, personalStore)).results.find(({ store }) => store === 'Request');
    assert.deepEqual([filed?.action, filed?.reason], ['Filed', 'EnrollmentRequest']);
    assert.match(filed?.detail ?? '', /number 7 at a\\b/u);
    assert.deepEqual(await stores(request), ['Request']);
    const again = (await propagate(engine, personalStore)).results.find(({ store }) => store === 'Request');
    assert.deepEqual([again?.action, again?.reason], ['Unchanged', 'AlreadyInStore']);
  });

  test("the roots of a card that only its minidriver reads go to the machine's SmartCardRoot", async () => {
    server.insert(reader, unknownCard);
    setCards(wine, [
      { provider: 'CSP', reader, name: 'key', keySpec: 1, certificate: own },
      { provider: 'CSP', reader, store: 'Root', element: encodeElement(root, new Map()) },
    ]);
    const { results, errors } = await propagate(engine, personalStore);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      results.map(({ thumbprint, store, action }) => [thumbprint, store, action]),
      [
        [thumbprintOf(own), 'My', 'Added'],
        [thumbprintOf(root), 'SmartCardRoot', 'Added'],
      ],
    );
    assert.deepEqual([await stores(own), await stores(root)], [['My'], ['SmartCardRoot']]);
  });
});
