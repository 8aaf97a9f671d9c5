/** The events of Windows' PC/SC, from node.exe and koffi to winscard's W functions: under Wine, with a shim of winscard.dll. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type Server, type Socket, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { startCardServer, type CardServer } from '../support/card-server.js';
import { compileShim, setShimPort, shimViolations, skipWithoutMingw } from '../support/shims.js';
import { bundleForWine, windowsNode } from '../support/wine-node.js';
import { setRegistryValue, skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const german = 'Prüfgerät Größe 0';
const beyond = '読取装置 \u{1f511} 1';
const scardSvr = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\SCardSvr';
const card = {
  atr: Uint8Array.of(0x3b, 0x00),
  transmit: () => Uint8Array.of(0x90, 0x00),
  reset: () => undefined,
};

suite('Events of winscard.dll under Wine', { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let cards: CardServer;
  let server: Server;
  let script: string;
  let watcher: ChildProcess;
  let socket: Socket;
  let lines: AsyncIterator<string>;

  before(async () => {
    [cards, wine] = await Promise.all([startCardServer(), startWine({ shims: [compileShim('winscard')] })]);
    setShimPort(wine, 'winscard', cards.port);
    script = await bundleForWine(wine, 'tests/wine/watch-script.ts');
    server = createServer({ noDelay: true, allowHalfOpen: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.close();
    await wine.stop();
    await cards.stop();
  });
  beforeEach(async () => {
    cards.addReader(german);
    cards.addReader(beyond);
    cards.insert(german, card);
    const address = server.address();
    if (address === null || typeof address === 'string') assert.fail();
    const connected = once(server, 'connection') as Promise<[Socket]>;
    watcher = wine.start(await windowsNode(), [wine.path(script), String(address.port)], {
      UV_THREADPOOL_SIZE: '64',
    });
    [socket] = await connected;
    lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    assert.equal(await next(), `Inserted ${german}`);
  });
  afterEach(async () => {
    const exited = once(watcher, 'exit');
    socket.end();
    await exited;
    assert.equal(shimViolations(wine, 'winscard'), '');
    assert.deepEqual(cards.held(), { contexts: 0, cards: 0 });
    cards.setService('Running');
    for (const readerName of [german, beyond]) cards.removeReader(readerName);
  });

  async function next(): Promise<string> {
    const { value } = (await lines.next()) as IteratorResult<string, undefined>;
    return value ?? 'nothing';
  }

  test('Cards come and go, mute ones too', async () => {
    cards.insert(beyond, 'Mute');
    assert.equal(await next(), `Inserted ${beyond}`);
    cards.insert(german, null);
    assert.equal(await next(), `Removed ${german}`);
    cards.insert(beyond, null);
    assert.equal(await next(), `Removed ${beyond}`);
  });

  test('A card that is inserted again at once comes as both, each of 100 times', async () => {
    for (let time = 0; time < 100; time += 1) {
      cards.insert(german, null);
      cards.insert(german, card);
      assert.deepEqual([await next(), await next()], [`Removed ${german}`, `Inserted ${german}`]);
    }
  });

  test('A reader that is unplugged takes its card along, one that is plugged in brings it', async () => {
    cards.removeReader(german);
    assert.equal(await next(), `Removed ${german}`);
    cards.addReader(german);
    cards.insert(german, card);
    assert.equal(await next(), `Inserted ${german}`);
  });

  test('The service that stops with the last reader, and starts with the first, is outlived', async () => {
    for (const service of ['Stopped', 'NotThere'] as const) {
      cards.removeReader(german);
      cards.removeReader(beyond);
      cards.setService(service);
      assert.deepEqual([await next(), await next()].sort(), [`Removed ${german}`, 'Service Lost']);
      cards.addReader(german);
      cards.addReader(beyond);
      cards.insert(german, card);
      cards.setService('Running');
      assert.deepEqual([await next(), await next()], ['Service Back', `Inserted ${german}`]);
    }
  });

  test('A watch without the service ends when it is told to', async () => {
    cards.setService('Stopped');
    assert.deepEqual([await next(), await next()], ['Service Lost', `Removed ${german}`]);
    await cards.called('WaitForService');
    socket.end();
    assert.equal(await next(), 'end');
  });

  test('A watch that waits for cards ends when it is told to', async () => {
    cards.insert(german, null);
    assert.equal(await next(), `Removed ${german}`);
    socket.end();
    assert.equal(await next(), 'end');
  });

  test('A service that is disabled is told', async () => {
    await setRegistryValue(wine, scardSvr, 'Start', 'REG_DWORD', '4');
    cards.setService('NotThere');
    assert.match(await next(), /SCardSvr\) is not disabled/u);
    await setRegistryValue(wine, scardSvr, 'Start', 'REG_DWORD', '3');
  });
});
