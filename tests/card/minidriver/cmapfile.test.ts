import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  encodeContainerMap,
  isDefaultContainer,
  isValidContainer,
  parseContainerMap,
} from '../../../engine/card/minidriver/cmapfile.js';
import { CertPropError } from '../../../engine/errors.js';
import { hex } from '../../../engine/text.js';
import { fromHex } from '../scripted-card.js';

/** CONTAINER_MAP_RECORD: `Key` in UTF-16LE, zeros up to 80 bytes, flags 03, reserved 00, no signature key, 2048 bits of key exchange key. */
const validRecord = `4B00 6500 7900 ${'00'.repeat(74)} 03 00 0000 0008`;
const deletedRecord = '00'.repeat(86);
const signatureRecord = `5300 E900 ${'00'.repeat(76)} 01 00 0001 0000`;

describe('cmapfile (CONTAINER_MAP_RECORD)', () => {
  test('records keep their place, deleted ones included', () => {
    const records = parseContainerMap(fromHex(`${deletedRecord} ${validRecord} ${signatureRecord}`));
    assert.deepEqual(records, [
      { name: '', flags: 0, reserved: 0, signatureKeySizeBits: 0, keyExchangeKeySizeBits: 0 },
      { name: 'Key', flags: 3, reserved: 0, signatureKeySizeBits: 0, keyExchangeKeySizeBits: 2048 },
      { name: 'S\u00e9', flags: 1, reserved: 0, signatureKeySizeBits: 256, keyExchangeKeySizeBits: 0 },
    ]);
    assert.deepEqual(records.map(isValidContainer), [false, true, true]);
    assert.deepEqual(records.map(isDefaultContainer), [false, true, false]);
    assert.equal(
      hex(encodeContainerMap(records)),
      `${deletedRecord}${validRecord}${signatureRecord}`.replaceAll(' ', ''),
    );
  });

  test('a new card has none', () => {
    assert.deepEqual(parseContainerMap(new Uint8Array()), []);
  });

  test('only the first flag bit makes a container valid', () => {
    const flags = (value: number): boolean =>
      isValidContainer({
        name: '',
        flags: value,
        reserved: 0,
        signatureKeySizeBits: 0,
        keyExchangeKeySizeBits: 0,
      });
    assert.deepEqual([0x00, 0x01, 0x02, 0x03, 0xfc, 0xfd].map(flags), [
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  test('a name takes 39 characters and no more', () => {
    const record = (name: string): Parameters<typeof encodeContainerMap>[0][number] => ({
      name,
      flags: 1,
      reserved: 0,
      signatureKeySizeBits: 0,
      keyExchangeKeySizeBits: 2048,
    });
    const longest = 'x'.repeat(39);
    assert.equal(parseContainerMap(encodeContainerMap([record(longest)]))[0]?.name, longest);
    assert.throws(() => encodeContainerMap([record('x'.repeat(40))]), { id: 'MalformedCardData' });
    assert.throws(() => encodeContainerMap([record('a\0b')]), { id: 'MalformedCardData' });
  });

  test('a valid container whose name has no end is an error, a deleted one is not', () => {
    const name = '4100'.repeat(40);
    assert.throws(() => parseContainerMap(fromHex(`${name} 01 00 0000 0008`)), { id: 'MalformedCardData' });
    assert.equal(parseContainerMap(fromHex(`${name} 00 00 0000 0008`)).length, 1);
  });

  test('a record that is cut off is an error', () => {
    for (const length of [1, 85, 87, 171]) {
      assert.throws(() => parseContainerMap(new Uint8Array(length)), { id: 'MalformedCardData' });
    }
  });

  test('what was encoded is parsed again, unpaired surrogates included', () => {
    const unit = fc.integer({ min: 1, max: 0xffff });
    const name = fc.array(unit, { maxLength: 39 }).map((units) => String.fromCharCode(...units));
    const byte = fc.nat(0xff);
    const size = fc.nat(0xffff);
    const record = fc.record({
      name,
      flags: byte,
      reserved: byte,
      signatureKeySizeBits: size,
      keyExchangeKeySizeBits: size,
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        assert.deepEqual(
          parseContainerMap(encodeContainerMap(records)),
          records.map((each) => ({ ...each })),
        );
      }),
    );
  });

  test('no bytes lead to anything but records or CertPropError', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.uint8Array({ minLength: 86, maxLength: 86 }),
          fc.uint8Array({ minLength: 172, maxLength: 172 }),
        ),
        (bytes) => {
          try {
            assert.equal(parseContainerMap(bytes).length, bytes.length / 86);
          } catch (error) {
            assert.ok(error instanceof CertPropError, String(error));
          }
        },
      ),
    );
  });
});
