/** The shim of winscard.dll itself: what it lets nobody do, and what it does as Windows does. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { code, startCardServer, type CardServer } from '../support/card-server.js';
import { compileShim, setShimPort, shimViolations, skipWithoutMingw } from '../support/shims.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { skipWithoutWine, startWine, type Wine, type WineResult } from '../support/wine.js';

const readerName = 'Gerät \u{1f511}';
const card = {
  atr: Uint8Array.of(0x3b, 0x00),
  transmit: () => Uint8Array.of(0x90, 0x00),
  reset: () => undefined,
};
/** The low 8 bits of a process's exit code. */
const violated = 0xe5;

suite('The shim of winscard.dll', { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let server: CardServer;
  let script: string;

  before(async () => {
    [server, wine] = await Promise.all([startCardServer(), startWine({ shims: [compileShim('winscard')] })]);
    setShimPort(wine, 'winscard', server.port);
    script = await bundleForWine(wine, 'tests/wine/winscard-script.ts');
    server.addReader(readerName);
    server.insert(readerName, card);
  });
  after(async () => {
    await wine.stop();
    await server.stop();
  });

  const run = (what: string, reader = readerName): Promise<WineResult> =>
    runNode(wine, script, [what, reader]);

  async function resultOf(running: Promise<WineResult>): Promise<unknown> {
    const { output, errors } = await running;
    assert.equal(errors, '');
    return JSON.parse(output);
  }

  for (const [mistake, said] of [
    ['an unknown scope', /scope 7/u],
    ['a reserved parameter', /reserved/u],
    ['a context that was released', /SCardReleaseContext: the context \w+ was released/u],
    ['a context that never was', /no context was ever 1267/u],
    ['no length', /pcchReaders is null/u],
    ['automatic allocation', /SCARD_AUTOALLOCATE/u],
    ['an unknown state', /state 800/u],
    ['no states', /SCardGetStatusChangeW: 1 states/u],
    ['a state without a name', /szReader is null/u],
    ['an unterminated name', /szReader is not terminated/u],
    ['an unknown share mode', /share mode 9/u],
    ['an unknown protocol', /protocols 8/u],
    ['no protocol', /protocols 0/u],
    ['a disposition that is none', /disposition 9/u],
    ['a card that was disconnected', /was disconnected/u],
    ["a length of pcsc-lite's", /cbPciLength 16/u],
    ["another protocol than the card's", /protocol 1 in place of 2/u],
    ['no command', /a command of 0 bytes/u],
    ['a cache item without a name', /LookupName is null/u],
  ] as const) {
    test(`It ends a program that gives ${mistake}`, async () => {
      const { exitCode } = await run(mistake);
      const violations = shimViolations(wine, 'winscard');
      rmSync(join(wine.systemFolder, 'winscard-violations.txt'), { force: true });
      assert.match(violations, said);
      assert.equal(exitCode, violated);
    });
  }

  test('Waiting for a change is ended by SCardCancel', async () => {
    server.addReader('Always empty');
    assert.deepEqual(await resultOf(run('cancel', 'Always empty')), [code.cancelled]);
    server.removeReader('Always empty');
  });

  test('Waiting for readers is ended by one that is plugged in', async () => {
    const waiting = server.called('GetStatusChange');
    const result = resultOf(run('pnp'));
    await waiting;
    server.addReader('Another');
    assert.deepEqual(await result, [code.success, 0x20002]);
    server.removeReader('Another');
  });

  test('The engine can wait for the service to start', async () => {
    server.setService('NotThere');
    assert.equal(await resultOf(run('given up')), 'given up');
    const asked = server.called('WaitForService', 2);
    const result = resultOf(run('started'));
    await asked;
    server.setService('Running');
    assert.equal(await result, 'started');
  });

  test('A cached item has its freshness, and is gone once it was asked for with another', async () => {
    const missing = [code.cacheItemNotFound, 10, ''];
    assert.deepEqual(await resultOf(run('cache')), [
      missing,
      0,
      [code.success, 4, '0badcafe'],
      [code.insufficientBuffer, 4, ''],
      [code.cacheItemStale, 10, ''],
      missing,
    ]);
  });
});
