import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fits } from '../../engine/propagation/wildcard.js';

const yubikey = 'Yubico YubiKey [OTP+FIDO+CCID] 00 00';

for (const [pattern, text, expected] of [
  ['Virtual PCD 00 00', 'Virtual PCD 00 00', true],
  ['virtual pcd 00 00', 'Virtual PCD 00 00', true],
  ['Virtual PCD 00', 'Virtual PCD 00 00', false],
  ['Virtual*', 'Virtual PCD 00 00', true],
  ['*00 01', 'Virtual PCD 00 00', false],
  ['*P?D*', 'Virtual PCD 00 00', true],
  ['*0[1-3]', 'Virtual PCD 00 02', true],
  ['*0[1-3]', 'Virtual PCD 00 04', false],
  ['*[xyz]', 'abcz', true],
  [yubikey, yubikey, true],
  ['Yubico YubiKey `[OTP*', yubikey, true],
  ['Yubico*', yubikey, true],
  ['*', '', true],
  ['?', '', false],
  ['[', '[', true],
  ['a`*b', 'a*b', true],
  ['a`*b', 'axb', false],
] as const) {
  test(`'${pattern}' ${expected ? 'fits' : 'does not fit'} '${text}'`, () => {
    assert.equal(fits(pattern, text), expected);
  });
}

test('every text fits itself, whatever wildcards it holds', () => {
  fc.assert(fc.property(fc.string(), (text) => fits(text, text)));
});

test('every text fits any of its beginnings followed by a star', () => {
  const plain = fc.stringMatching(/^[a-z0-9 ]{0,20}$/u);
  fc.assert(fc.property(plain, plain, (start, end) => fits(`${start}*`, start + end)));
});
