import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeCardcf, increment, parseCardcf } from '../../../engine/card/minidriver/cardcf.js';
import { hex } from '../../../engine/text.js';
import { fromHex } from '../scripted-card.js';

describe('cardcf (CARD_CACHE_FILE_FORMAT)', () => {
  test('holds version, PIN, container and file counters, the latter little-endian', () => {
    assert.deepEqual(parseCardcf(fromHex('00 02 0100 FEFF')), {
      version: 0,
      pinsFreshness: 2,
      containersFreshness: 1,
      filesFreshness: 0xfffe,
      trailing: new Uint8Array(),
    });
  });

  test('what other applications keep behind it survives', () => {
    const counters = parseCardcf(fromHex('01 02 0300 0400 DEADBEEF'));
    assert.equal(hex(encodeCardcf({ ...counters, filesFreshness: 0x1234 })), '010203003412DEADBEEF');
  });

  test('fewer than six bytes are an error', () => {
    for (const bytes of ['', '00', '0000000000']) {
      assert.throws(() => parseCardcf(fromHex(bytes)), {
        id: 'MalformedCardData',
        details: { file: 'cardcf' },
      });
    }
  });

  test('a counter is raised by one and goes from 0xFFFF to 1', () => {
    assert.deepEqual([0, 1, 0x7fff, 0xfffe, 0xffff].map(increment), [1, 2, 0x8000, 0xffff, 1]);
  });

  test('any six bytes or more are read and written back as they were', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 40 }), (bytes) => {
        assert.deepEqual(encodeCardcf(parseCardcf(bytes)), bytes);
      }),
    );
  });
});
