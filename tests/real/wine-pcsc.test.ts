/** The engine's PC/SC on Windows, from node.exe and koffi to winscard's W functions: under Wine, with a shim of winscard.dll. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { startEngineClient, type EngineConnection } from '../../build/engine-client.js';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import type { CardCertificate, StreamEvent } from '../../engine/rpc/contract.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { crash, hang, startCardServer, type CardServer } from '../support/card-server.js';
import { skipWithoutPcscd, startPcscd } from '../support/pcscd.js';
import { compileShim, setShimPort, shimViolations, skipWithoutMingw } from '../support/shims.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const scardSvr = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SCardSvr';
const german = 'Prüfgerät Größe 0';
const beyond = '読取装置 \u{1f511} 1';

suite('The engine with winscard.dll under Wine', { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let server: CardServer;
  let engine: WineEngine;
  let sample: Awaited<ReturnType<typeof makeSampleCard>>;

  before(async () => {
    [server, wine, sample] = await Promise.all([
      startCardServer(),
      startWine({ shims: [compileShim('winscard')] }),
      makeSampleCard(),
    ]);
    setShimPort(wine, 'winscard', server.port);
    server.addReader(german);
    server.addReader(beyond);
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
    for (const readerName of [german, beyond]) server.insert(readerName, null);
    assert.equal(shimViolations(wine, 'winscard'), '');
    await server.released();
  });

  const states = async (): Promise<unknown> => {
    const { readers } = await engine.request('reader/list', {});
    return readers.map(({ readerName, status, atr }) => [readerName, status, atr]);
  };

  test('Readers have their names in UTF-16, and their cards come and go', async () => {
    const card = gidsCard(sample.state);
    const atr = Buffer.from(card.atr).toString('hex').toUpperCase();
    assert.deepEqual(await states(), [
      [german, 'Empty', null],
      [beyond, 'Empty', null],
    ]);
    server.insert(beyond, card);
    server.insert(german, 'Mute');
    assert.deepEqual(await states(), [
      [german, 'Mute', null],
      [beyond, 'Present', atr],
    ]);
    server.insert(beyond, null);
    server.removeReader(german);
    assert.deepEqual(await states(), [[beyond, 'Empty', null]]);
    server.removeReader(beyond);
    assert.deepEqual(await states(), []);
    server.addReader(german);
    server.addReader(beyond);
  });

  test(
    'A GIDS and a PIV card give the certificates that they give on Linux, in as many commands',
    { skip: skipWithoutPcscd() },
    async () => {
      const pcscd = await startPcscd();
      const linux = startEngineClient('module/engine/certprop.cjs', pcscd.env);
      try {
        const cards: readonly (() => VirtualCard)[] = [
          () => gidsCard(sample.state),
          () => pivWith([...sample.certificates.values()]),
        ];
        for (const card of cards) {
          const [reader] = pcscd.readers;
          assert.ok(reader);
          const inserted = await insertCard(card(), reader.port);
          const polled = inserted.commandCount;
          const expected = await certificates(linux);
          const commands = inserted.commandCount - polled;
          await inserted.remove();

          server.insert(beyond, card());
          const counted = server.commandCount(beyond);
          const found = await certificates(engine);
          assert.ok(found.length >= 3);
          assert.deepEqual(
            found,
            expected.map((certificate) => ({ ...certificate, readerName: beyond })),
          );
          assert.equal(server.commandCount(beyond) - counted, commands);
        }
      } finally {
        await linux.end();
        await pcscd.stop();
      }
    },
  );

  test('A card pulled in the middle is CardRemoved', async () => {
    server.insert(german, gidsCard(sample.state));
    server.intercept('Transmit', 3, () => {
      server.insert(german, null);
    });
    assert.deepEqual(await errorIds(engine), ['CardRemoved']);
  });

  test('A card that another program resets is read once more', async () => {
    server.insert(german, gidsCard(sample.state));
    server.intercept('Transmit', 5, () => {
      server.resetCard(german);
    });
    assert.equal((await certificates(engine)).length, 3);
  });

  test('A card whose call does not return is ReaderBusy for the next request, and the engine still ends', async () => {
    server.insert(german, gidsCard(sample.state));
    const called = server.called('Transmit', 2);
    server.intercept('Transmit', 2, hang);
    const stuck = listing(engine);
    stuck.catch(() => undefined);
    await called;
    assert.deepEqual(await errorIds(engine), ['ReaderBusy']);
    assert.equal(await engine.end(), 0);
    await server.released();
  });

  test('Without the service there are no readers, unless it is disabled', async () => {
    for (const service of ['NotThere', 'Stopped'] as const) {
      server.setService(service);
      assert.deepEqual(await states(), []);
    }
    await setRegistryValue(wine, scardSvr, 'Start', 'REG_DWORD', '4');
    await assert.rejects(states(), /SCardSvr\) is not disabled/u);
    await setRegistryValue(wine, scardSvr, 'Start', 'REG_DWORD', '3');
    assert.deepEqual(await states(), []);
    server.setService('Running');
    assert.equal((await engine.request('reader/list', {})).readers.length, 2);
  });

  test('A crash of winscard.dll ends the engine and leaves nothing', async () => {
    server.insert(german, gidsCard(sample.state));
    server.intercept('Transmit', 2, crash);
    await assert.rejects(listing(engine));
    assert.notEqual(await engine.end(), 0);
    await server.released();
    engine = await startEngine(wine);
    assert.equal((await certificates(engine)).length, 3);
  });
});

async function listing(engine: EngineConnection): Promise<readonly StreamEvent[]> {
  const events: StreamEvent[] = [];
  const reading = { allSlots: false, pkcs11Module: null };
  const wanted = { readers: null, thumbprints: null, roots: false, trace: 'None' } as const;
  await engine.request('certificate/list', { ...wanted, ...reading }, (event) => events.push(event));
  return events;
}

async function certificates(engine: EngineConnection): Promise<CardCertificate[]> {
  const events = await listing(engine);
  return events.map((event) => {
    if (event.kind !== 'certificate') throw new Error(JSON.stringify(event));
    return event.certificate;
  });
}

async function errorIds(engine: EngineConnection): Promise<string[]> {
  const events = await listing(engine);
  return events.map((event) => ('error' in event ? event.error.id : event.kind));
}

function pivWith(certificates: readonly Uint8Array[]): VirtualCard {
  const state = newPivCard();
  for (const [index, slot] of ['9A', '9C', '9D'].entries()) {
    const certificate = certificates[index];
    if (certificate) putPivCertificate(state, slot, certificate);
  }
  return pivCard(state);
}
