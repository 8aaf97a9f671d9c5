import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMultiString } from '../../engine/pcsc/multi-string.js';

const encoding = fc.constantFrom('utf8' as const, 'utf16le' as const);
const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 130 })
  .filter((text) => !text.includes('\0'));

test('A multi-string gives back its strings, whatever follows its end', () => {
  fc.assert(
    fc.property(fc.array(name, { maxLength: 20 }), encoding, fc.string(), (names, form, rest) => {
      const text = names.map((each) => `${each}\0`).join('');
      assert.deepEqual(parseMultiString(Buffer.from(`${text}\0${rest}`, form), form), names);
    }),
  );
});

test('A multi-string without its last zeros ends with its bytes', () => {
  assert.deepEqual(parseMultiString(Buffer.from('Reader A\0Reader B'), 'utf8'), ['Reader A', 'Reader B']);
  assert.deepEqual(parseMultiString(Buffer.from('Reader A\0'), 'utf8'), ['Reader A']);
});

test('No bytes and a lone zero are an empty list', () => {
  assert.deepEqual(parseMultiString(Buffer.alloc(0), 'utf8'), []);
  assert.deepEqual(parseMultiString(Buffer.from([0]), 'utf8'), []);
  assert.deepEqual(parseMultiString(Buffer.from([0, 0]), 'utf16le'), []);
});

test('Any bytes give strings that are not empty and hold no zero', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), encoding, (bytes, form) => {
      for (const each of parseMultiString(Buffer.from(bytes), form)) {
        assert.ok(each.length > 0 && !each.includes('\0'));
      }
    }),
  );
});
