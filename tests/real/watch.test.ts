/** The events of this system's PC/SC: pcscd with virtual readers. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { ReaderChange } from '../../engine/pcsc/reader.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { type Pcscd, type VirtualReader, skipWithoutPcscd, startPcscd } from '../support/pcscd.js';

const card: VirtualCard = {
  atr: Uint8Array.of(0x3b, 0x80, 0x01, 0x81),
  transmit: (bytes) => Uint8Array.of(...bytes, 0x90, 0x00),
  reset: () => undefined,
};

suite("Events of this system's PC/SC", { skip: skipWithoutPcscd(), timeout: 120_000 }, () => {
  const readers = pcscReaders();
  let folder: string;
  let pcscd: Pcscd;
  let first: VirtualReader;
  let second: VirtualReader;
  let stop: AbortController;
  let changes: AsyncGenerator<ReaderChange, void, void>;

  const socket = () => join(folder, 'pcscd.comm');

  /** The library reads its socket's path once per process: a link that stays leads to the daemon of the moment. */
  async function start(): Promise<void> {
    pcscd = await startPcscd();
    await symlink(pcscd.env.PCSCLITE_CSOCK_NAME ?? assert.fail(), `${socket()}.new`);
    await rename(`${socket()}.new`, socket());
    process.env.PCSCLITE_CSOCK_NAME = socket();
    [first, second] = pcscd.readers as [VirtualReader, VirtualReader];
  }

  async function end(): Promise<void> {
    await unlink(socket());
    await pcscd.stop();
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-watch-'));
    await start();
  });
  after(async () => {
    await readers.close();
    await end();
    await rm(folder, { recursive: true });
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
    const early = await insertCard(card, first.port);
    watch();
    assert.equal(await next(), `Inserted ${first.readerName}`);
    const late = await insertCard(card, second.port);
    assert.equal(await next(), `Inserted ${second.readerName}`);
    await early.remove();
    assert.equal(await next(), `Removed ${first.readerName}`);
    await late.remove();
    assert.equal(await next(), `Removed ${second.readerName}`);
    await endOfWatch();
  });

  test('A card that is inserted again as soon as the reader has seen the gap comes as both, each of 20 times', async () => {
    let inserted = await insertCard(card, first.port);
    watch();
    assert.equal(await next(), `Inserted ${first.readerName}`);
    for (let time = 0; time < 20; time += 1) {
      await inserted.remove();
      inserted = await insertCard(card, first.port);
      assert.deepEqual(
        [await next(), await next()],
        [`Removed ${first.readerName}`, `Inserted ${first.readerName}`],
      );
    }
    await inserted.remove();
    assert.equal(await next(), `Removed ${first.readerName}`);
    await endOfWatch();
  });

  test('A service that is restarted is outlived: its cards may be others', async () => {
    await insertCard(card, first.port);
    const services: string[] = [];
    watch((service) => services.push(service));
    assert.equal(await next(), `Inserted ${first.readerName}`);
    const before = first;
    const following = next();
    await end();
    await start();
    assert.equal(await following, `Removed ${before.readerName}`);
    assert.deepEqual(services, ['Lost', 'Back']);
    const inserted = await insertCard(card, second.port);
    assert.equal(await next(), `Inserted ${second.readerName}`);
    await inserted.remove();
    assert.equal(await next(), `Removed ${second.readerName}`);
    await endOfWatch();
  });

  test('A service that is not there yet is waited for', async () => {
    await end();
    watch();
    const following = next();
    await start();
    const inserted = await insertCard(card, first.port);
    assert.equal(await following, `Inserted ${first.readerName}`);
    await inserted.remove();
    assert.equal(await next(), `Removed ${first.readerName}`);
    await endOfWatch();
  });
});
