import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseCachedItem } from '../../../engine/card/minidriver/cached-item.js';
import { hex } from '../../../engine/text.js';
import { fromHex } from '../scripted-card.js';

function withHeader(counters: Uint8Array, unknown: Uint8Array, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  return Uint8Array.from(Buffer.concat([counters, unknown, length, data]));
}

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyData = fc.uint8Array({ maxLength: 300 });

describe("an item of Windows' cache", () => {
  test('begins with the counters of its time, six zeros and the length of its data', () => {
    const { counters, data } = parseCachedItem(fromHex('01 02 0300 0700 000000000000 02000000 CAFE'));
    assert.deepEqual(counters, {
      ...{ version: 1, pinsFreshness: 2, containersFreshness: 3, filesFreshness: 7 },
      trailing: new Uint8Array(),
    });
    assert.equal(hex(data), 'CAFE');
  });

  test('may be bare: a counter, or bytes whose length fits no header', () => {
    for (const item of ['', '07', '0700', '01 02 0300 0700 000000000000 03000000 CAFE']) {
      assert.deepEqual(parseCachedItem(fromHex(item)), { counters: null, data: fromHex(item) });
    }
  });

  test('may have no data behind its header', () => {
    const { counters, data } = parseCachedItem(fromHex('00 00 0100 0200 000000000000 00000000'));
    assert.deepEqual([counters?.containersFreshness, data.length], [1, 0]);
  });

  test('with a header gives all data behind it, whatever stands in the header', () => {
    fc.assert(
      fc.property(bytes(6), bytes(6), anyData, (counters, unknown, data) => {
        const item = parseCachedItem(withHeader(counters, unknown, data));
        assert.deepEqual(item.data, data);
        assert.notEqual(item.counters, null);
      }),
    );
  });

  test('whose length is wrong by anything is taken as a whole', () => {
    const length = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(bytes(12), length, anyData, (start, declared, data) => {
        fc.pre(declared !== data.length);
        const item = withHeader(start.subarray(0, 6), start.subarray(6), data);
        Buffer.from(item.buffer).writeUInt32LE(declared, 12);
        assert.deepEqual(parseCachedItem(item), { counters: null, data: item });
      }),
    );
  });

  test('is read whatever bytes it has', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (item) => {
        const { data } = parseCachedItem(item);
        assert.deepEqual(data, item.subarray(item.length - data.length));
      }),
    );
  });
});
