/** The events of this system's PC/SC: pcscd with virtual readers. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { ReaderChange } from '../../engine/pcsc/reader.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { skipWithoutPcscd } from '../support/pcscd.js';
import { startRestartablePcscd, type RestartablePcscd } from '../support/restartable-pcscd.js';

const card: VirtualCard = {
  atr: Uint8Array.of(0x3b, 0x80, 0x01, 0x81),
  transmit: (bytes) => Uint8Array.of(...bytes, 0x90, 0x00),
  reset: () => undefined,
};

suite("Events of this system's PC/SC", { skip: skipWithoutPcscd(), timeout: 120_000 }, () => {
  const readers = pcscReaders();
  let pcscd: RestartablePcscd;
  let stop: AbortController;
  let changes: AsyncGenerator<ReaderChange, void, void>;

  before(async () => {
    pcscd = await startRestartablePcscd();
  });
  after(async () => {
    await readers.close();
    await pcscd.end();
  });

  function watch(onService?: (service: 'Lost' | 'Back') => void): void {
    stop = new AbortController();
    changes = readers.changes(stop.signal, onService);
  }

  async function next(): Promise<string> {
    const { value } = await changes.next();
    return value ? `${value.kind} ${value.readerName}` : 'end';
  }

  async function endOfWatch(): Promise<void> {
    const last = next();
    stop.abort();
    assert.equal(await last, 'end');
  }

  test('A card that is inserted already comes first, then each that comes and goes', async () => {
    const early = await insertCard(card, pcscd.first.port);
    watch();
    assert.equal(await next(), `Inserted ${pcscd.first.readerName}`);
    const late = await insertCard(card, pcscd.second.port);
    assert.equal(await next(), `Inserted ${pcscd.second.readerName}`);
    await early.remove();
    assert.equal(await next(), `Removed ${pcscd.first.readerName}`);
    await late.remove();
    assert.equal(await next(), `Removed ${pcscd.second.readerName}`);
    await endOfWatch();
  });

  test('A card that is inserted again as soon as the reader has seen the gap comes as both, each of 20 times', async () => {
    let inserted = await insertCard(card, pcscd.first.port);
    watch();
    assert.equal(await next(), `Inserted ${pcscd.first.readerName}`);
    for (let time = 0; time < 20; time += 1) {
      await inserted.remove();
      inserted = await insertCard(card, pcscd.first.port);
      assert.deepEqual(
        [await next(), await next()],
        [`Removed ${pcscd.first.readerName}`, `Inserted ${pcscd.first.readerName}`],
      );
    }
    await inserted.remove();
    assert.equal(await next(), `Removed ${pcscd.first.readerName}`);
    await endOfWatch();
  });

  test('A service that is restarted is outlived: its cards may be others', async () => {
    await insertCard(card, pcscd.first.port);
    const services: string[] = [];
    watch((service) => services.push(service));
    assert.equal(await next(), `Inserted ${pcscd.first.readerName}`);
    const following = next();
    await pcscd.stop();
    await pcscd.start();
    assert.equal(await following, `Removed ${pcscd.first.readerName}`);
    assert.deepEqual(services, ['Lost', 'Back']);
    const inserted = await insertCard(card, pcscd.second.port);
    assert.equal(await next(), `Inserted ${pcscd.second.readerName}`);
    await inserted.remove();
    assert.equal(await next(), `Removed ${pcscd.second.readerName}`);
    await endOfWatch();
  });

  test('A service that is not there yet is waited for', async () => {
    await pcscd.stop();
    watch();
    const following = next();
    await pcscd.start();
    const inserted = await insertCard(card, pcscd.first.port);
    assert.equal(await following, `Inserted ${pcscd.first.readerName}`);
    await inserted.remove();
    assert.equal(await next(), `Removed ${pcscd.first.readerName}`);
    await endOfWatch();
  });
});
