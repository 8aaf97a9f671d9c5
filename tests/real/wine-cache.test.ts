/** Windows' cache of cards, from node.exe and koffi to SCardReadCacheW: under Wine, with a shim of winscard.dll. */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import type { CardCacheItem, ErrorData, StreamEvent } from '../../engine/rpc/contract.js';
import { encodeCertificateFile } from '../../engine/card/minidriver/certificate-file.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { makeSampleCard, type SampleCard } from '../../engine/virtual/sample-card.js';
import { code, startCardServer, type CardServer } from '../support/card-server.js';
import { compileShim, setShimPort, shimViolations, skipWithoutMingw } from '../support/shims.js';
import { startEngine, type WineEngine } from '../support/wine-engine.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';

const readerName = 'Prüfgerät Größe 0';
const logon = 'Cached_GeneralFile/mscp/kxc00';
const vpn = 'Cached_GeneralFile/mscp/kxc01';
const signature = 'Cached_GeneralFile/mscp/ksc02';
const filesCounter = 'Cached_CardmodFile\\Cached_File_Freshness';
const containersCounter = 'Cached_CardmodFile\\Cached_Container_Freshness';
/** Of the sample card. */
const [containers, files] = [3, 4];

suite("Windows' cache of cards under Wine", { skip: skipWithoutWine() || skipWithoutMingw() }, () => {
  let wine: Wine;
  let server: CardServer;
  let engine: WineEngine;
  let sample: SampleCard;
  let cardId: string;

  before(async () => {
    [server, wine] = await Promise.all([startCardServer(), startWine({ shims: [compileShim('winscard')] })]);
    setShimPort(wine, 'winscard', server.port);
    server.addReader(readerName);
    engine = await startEngine(wine);
  });
  after(async () => {
    await engine.end();
    await wine.stop();
    await server.stop();
  });
  beforeEach(async () => {
    sample = await makeSampleCard();
    server.insert(readerName, gidsCard(sample.state));
    cardId = (await read()).items[0]?.cardId ?? '';
    assert.match(cardId, /^[0-9A-F]{32}$/u);
  });
  afterEach(async () => {
    assert.equal(shimViolations(wine, 'winscard'), '');
    await server.released();
  });

  async function read(readers: readonly [string, ...string[]] = [readerName]) {
    const items: CardCacheItem[] = [];
    const problems: { kind: string; error: ErrorData }[] = [];
    const collect = (event: StreamEvent): void => {
      if (event.kind === 'cacheItem') items.push(event.item);
      if ('error' in event) problems.push(event);
    };
    const { count } = await engine.request('cache/read', { readers: [...readers], trace: 'None' }, collect);
    assert.equal(count, items.length);
    const itemOf = (name: string): CardCacheItem => {
      const item = items.find((candidate) => candidate.name === name);
      assert.ok(item);
      return item;
    };
    const stateOf = (name: string) => itemOf(name).state;
    return { items, problems, itemOf, stateOf };
  }

  function put(name: string, freshness: number, data: Uint8Array): void {
    server.putCacheItem(cardId.toLowerCase(), name, { freshness, data });
  }
  const isCached = (name: string): boolean => server.cacheItem(cardId.toLowerCase(), name) !== undefined;
  const certificate = (fileName: string): Uint8Array => {
    const der = sample.certificates.get(fileName);
    assert.ok(der);
    return der;
  };
  const fileOf = (fileName: string): Uint8Array => encodeCertificateFile(certificate(fileName));
  const withHeader = (data: Uint8Array): Uint8Array => {
    const header = Buffer.from('01000300040000000000000000000000', 'hex');
    header.writeUInt32LE(data.length, 12);
    return Buffer.concat([header, data]);
  };

  async function raiseFiles(): Promise<readonly string[]> {
    const told: string[] = [];
    const change = { increment: ['File' as const], containersFreshness: null, filesFreshness: null };
    const result = await engine.request(
      'counter/write',
      { ...change, readerName, cardId, pin: [...Buffer.from(sample.pin)], force: false, trace: 'Verbose' },
      (event) => {
        if (event.kind === 'verbose') told.push(event.message);
        else assert.fail(JSON.stringify(event));
      },
    );
    assert.equal(result.filesFreshness, files + 1);
    return told;
  }

  test('Of a card that Windows has not seen, everything is NotCached', async () => {
    const { items, problems } = await read();
    assert.equal(items.length, 8);
    assert.deepEqual(problems, []);
    assert.ok(items.every(({ state, length }) => state === 'NotCached' && length === null));
  });

  test('Copies of what the card has are Same: as the file, with a header, as the bare certificate, as a counter', async () => {
    put(logon, files, fileOf('kxc00'));
    put(vpn, files, withHeader(fileOf('kxc01')));
    put(signature, files, certificate('ksc02'));
    put(filesCounter, files, Uint8Array.of(files, 0));
    const { itemOf, stateOf } = await read();
    assert.deepEqual([logon, vpn, signature, filesCounter].map(stateOf), ['Same', 'Same', 'Same', 'Same']);
    const { detail, ...item } = itemOf(vpn);
    const length = fileOf('kxc01').length + 16;
    assert.deepEqual(item, { readerName, cardId, name: vpn, state: 'Same', freshness: files, length });
    assert.match(detail, /0 \(PINs\), 3 \(containers\) and 4 \(files\)/u);
    assert.ok(isCached(vpn));
  });

  test('Copies of something else Differ, the longest too', async () => {
    put(logon, files, fileOf('kxc01'));
    put(vpn, files, Buffer.alloc(0x20001));
    put(containersCounter, containers, Uint8Array.of(2, 0));
    const { itemOf, stateOf } = await read();
    assert.deepEqual([logon, vpn, containersCounter].map(stateOf), ['Differs', 'Differs', 'Differs']);
    assert.equal(itemOf(vpn).length, 0x20001);
    assert.match(itemOf(containersCounter).detail, /copy is 2; on the card the counter is 3/u);
  });

  test('A copy from other counters is Stale and gone, so that it is NotCached the next time', async () => {
    put(logon, files - 1, fileOf('kxc00'));
    assert.equal((await read()).stateOf(logon), 'Stale');
    assert.ok(!isCached(logon));
    assert.equal((await read()).stateOf(logon), 'NotCached');
  });

  test("A changed files' counter drops the copies of files, and leaves those of the containers", async () => {
    put(logon, files, fileOf('kxc00'));
    put(filesCounter, files, Uint8Array.of(files, 0));
    put(containersCounter, containers, Uint8Array.of(containers, 0));
    const told = await raiseFiles();
    assert.match(told.join('\n'), /2 stale copies dropped/u);
    assert.deepEqual([logon, filesCounter, containersCounter].map(isCached), [false, false, true]);
    const { stateOf } = await read();
    assert.deepEqual([logon, containersCounter].map(stateOf), ['NotCached', 'Same']);
  });

  test('A cache that fails does not fail the change of the counter', async () => {
    put(logon, files, fileOf('kxc00'));
    server.intercept('ReadCache', 1, 0x8010001f);
    const told = await raiseFiles();
    assert.match(told.join('\n'), /stale copies may be left.*SCARD_E_UNEXPECTED/u);
    assert.ok(isCached(logon));
  });

  test('A cache that fails is an error when it is read', async () => {
    server.intercept('ReadCache', 3, code.serviceStopped);
    await assert.rejects(read(), /SCARD_E_SERVICE_STOPPED/u);
  });

  test('A card that is no GIDS card is CacheUnavailable, in a sweep with a warning', async () => {
    server.insert(readerName, pivCard(newPivCard()));
    const named = await read();
    assert.deepEqual(named.items, []);
    const swept = await read(['Prüf*']);
    assert.deepEqual(swept.items, []);
    assert.deepEqual(
      [...named.problems, ...swept.problems].map(({ kind, error }) => `${kind} ${error.id}`),
      ['error CacheUnavailable', 'warning CacheUnavailable'],
    );
  });
});
