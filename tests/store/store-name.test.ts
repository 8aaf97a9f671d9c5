import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkStoreName } from '../../engine/store/store-name.js';

for (const name of [
  'My',
  'Request',
  'Remote Desktop',
  '_NMSTR',
  'Console',
  'COM10',
  'Über',
  'a.b',
  'x'.repeat(64),
]) {
  void test(`'${name}' is a store name`, () => {
    checkStoreName(name);
  });
}

const refused: [string, RegExp][] = [
  ['', /is empty/],
  ['x'.repeat(65), /more than 64 characters/],
  ['a/b', /holds one of/],
  ['a\\b', /holds one of/],
  ['..', /ends with a space or a period/],
  ['.', /ends with a space or a period/],
  ['../My', /holds one of/],
  ['My.', /ends with a space or a period/],
  ['My ', /ends with a space or a period/],
  [' My', /starts with a space/],
  ['My:stream', /holds one of/],
  ['M?', /holds one of/],
  ['a\0b', /holds control characters/],
  ['a\u202eb', /holds control characters/],
  ['\ud800', /holds control characters/],
  ['con', /reserves it for a device/],
  ['NUL.txt', /reserves it for a device/],
  ['Com1', /reserves it for a device/],
  ['LPT¹', /reserves it for a device/],
  ['aux .x', /reserves it for a device/],
];
for (const [name, problem] of refused) {
  void test(`${JSON.stringify(name)} is refused as a store name`, () => {
    assert.throws(
      () => {
        checkStoreName(name);
      },
      { name: 'CertPropError', id: 'StoreNameInvalid', message: problem },
    );
  });
}

void test('a refused name is shown without its control characters', () => {
  assert.throws(() => {
    checkStoreName('a\u202eb');
  }, /^CertPropError: 'a\\u\{202e\}b' is not a store name/);
});
