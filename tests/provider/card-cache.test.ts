/** Return codes of SCardReadCacheW, from a PC/SC library that answers as it is told; tests/real/wine-cache.test.ts has a real one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pcscPlatform } from '../../engine/pcsc/platform.js';
import type { ReadCache } from '../../engine/pcsc/winscard.js';
import { cardCache, longestItem, systemCardCache } from '../../engine/provider/card-cache.js';
import { fakeWinscard } from '../pcsc/fake-winscard.js';

const cardId = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
const platform = pcscPlatform('win32', 'x64');

/** The answer to each item by its name; what was asked is written down. */
function reading(answers: Record<string, number | Uint8Array>) {
  const asked: unknown[] = [];
  const readCache: ReadCache = (context, id, freshness, name, data) => {
    asked.push([context, Buffer.from(id).toString('hex'), freshness, name]);
    const answer = answers[name] ?? 0x80100070;
    if (typeof answer === 'number') return Promise.resolve({ code: answer, length: longestItem + 1 });
    data.set(answer);
    return Promise.resolve({ code: 0, length: answer.length });
  };
  const fake = fakeWinscard({ platform, readCache });
  return { asked, fake, cache: cardCache(() => Promise.resolve(fake.winscard)) };
}

test('Each item is asked for with its freshness, in one context that is released', async () => {
  const { asked, fake, cache } = reading({ A: Uint8Array.of(1, 2), B: 0x80100071 });
  const answers = await cache.ask(cardId, [
    { name: 'A', freshness: 3 },
    { name: 'B', freshness: 4 },
    { name: 'C', freshness: 5 },
  ]);
  assert.deepEqual(answers, [
    { kind: 'Found', length: 2, value: Uint8Array.of(1, 2) },
    { kind: 'Stale' },
    { kind: 'NotFound' },
  ]);
  const id = '00112233445566778899aabbccddeeff';
  assert.deepEqual(asked, [
    [1, id, 3, 'A'],
    [1, id, 4, 'B'],
    [1, id, 5, 'C'],
  ]);
  assert.deepEqual(fake.calls, ['release']);
});

test('An item that is longer than any card has is told by its length only', async () => {
  const { cache } = reading({ A: 0x80100008 });
  assert.deepEqual(await cache.ask(cardId, [{ name: 'A', freshness: 1 }]), [
    { kind: 'Found', length: longestItem + 1, value: null },
  ]);
});

test('Any other return code is an error, and the context is released', async () => {
  for (const [code, id] of [
    [0x8010001e, 'PcscUnavailable'],
    [0x8010001f, 'PcscFailure'],
  ] as const) {
    const { fake, cache } = reading({ A: code });
    await assert.rejects(cache.ask(cardId, [{ name: 'A', freshness: 1 }]), {
      id,
      details: { hresult: code },
    });
    assert.deepEqual(fake.calls, ['release']);
  }
});

test('Without the smart card service it is PcscUnavailable', async () => {
  const { winscard } = fakeWinscard({
    platform,
    establishContext: () => Promise.resolve({ code: 0x8010001d, context: 0 }),
    readCache: () => assert.fail('asked without a context'),
  });
  await assert.rejects(cardCache(() => Promise.resolve(winscard)).ask(cardId, []), { id: 'PcscUnavailable' });
});

test('Other systems have no such cache', { skip: process.platform === 'win32' }, async () => {
  assert.equal(systemCardCache(), null);
  const { winscard } = fakeWinscard();
  await assert.rejects(cardCache(() => Promise.resolve(winscard)).ask(cardId, []), {
    id: 'CacheUnavailable',
  });
});
