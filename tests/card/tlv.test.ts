import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeDataObject, findValue, parseDataObjects, readDataObject } from '../../engine/card/tlv.js';
import { CertPropError } from '../../engine/errors.js';
import { hex } from '../../engine/text.js';
import { fromHex } from './scripted-card.js';

const shown = (bytes: string): string[] =>
  parseDataObjects(fromHex(bytes)).map(({ tag, value }) => `${tag.toString(16)}=${hex(value)}`);

describe('BER-TLV', () => {
  test('tags of one to three bytes, lengths of one to five', () => {
    assert.deepEqual(
      shown('5C 02 DF22 7F49 00 5FC102 8101 AA 53 82 0001 BB 53 83 000001 CC 53 84 00000001 DD'),
      ['5c=DF22', '7f49=', '5fc102=AA', '53=BB', '53=CC', '53=DD'],
    );
  });

  test('zero bytes between objects are padding', () => {
    assert.deepEqual(shown('00 00 81 01 AA 00 82 00 00'), ['81=AA', '82=']);
  });

  test('lengths are written in as few bytes as possible', () => {
    assert.equal(hex(encodeDataObject(0xdf22, new Uint8Array(127)).subarray(0, 3)), 'DF227F');
    assert.equal(hex(encodeDataObject(0x53, new Uint8Array(128)).subarray(0, 3)), '538180');
    assert.equal(hex(encodeDataObject(0x5fc102, new Uint8Array(256)).subarray(0, 6)), '5FC102820100');
    assert.equal(hex(encodeDataObject(0x53, new Uint8Array(65536)).subarray(0, 5)), '5383010000');
  });

  for (const [name, bytes] of [
    ['an indefinite length', '30 80 00 00'],
    ['a reserved length', '30 FF'],
    ['a length of five bytes', '30 85 0000000001 AA'],
    ['a length beyond the end', '30 02 AA'],
    ['the largest length', '30 84 FFFFFFFF AA'],
    ['a length that is cut off', '30 82 01'],
    ['a tag without length', '30'],
    ['a tag of four bytes', '1F 81 81 01 00'],
    ['a tag that is cut off', '5F'],
  ] as const) {
    test(`${name} is an error`, () => {
      assert.throws(() => parseDataObjects(fromHex(bytes)), { id: 'MalformedCardData' });
    });
  }

  test('a value is found by its tag, the first one of several', () => {
    const objects = parseDataObjects(fromHex('81 01 AA 82 01 BB 81 01 CC'));
    assert.deepEqual(findValue(objects, 0x81), fromHex('AA'));
    assert.equal(findValue(objects, 0x83), null);
  });

  test('what was encoded is parsed again', () => {
    const tag = fc.constantFrom(0x01, 0x5c, 0x81, 0x7f49, 0xdf1f, 0xdfff & 0xdf7f, 0x5fc102);
    fc.assert(
      fc.property(fc.array(fc.tuple(tag, fc.uint8Array({ maxLength: 400 }))), (objects) => {
        const bytes = Buffer.concat(objects.map(([t, value]) => encodeDataObject(t, value)));
        const parsed = parseDataObjects(bytes).map((object) => [object.tag, Uint8Array.from(object.value)]);
        assert.deepEqual(parsed, objects);
      }),
    );
  });

  test('no bytes lead to anything but objects within them or CertPropError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(70), (bytes, offset) => {
        try {
          parseDataObjects(bytes);
          assert.ok(readDataObject(bytes, offset).end <= bytes.length);
        } catch (error) {
          assert.ok(error instanceof CertPropError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
