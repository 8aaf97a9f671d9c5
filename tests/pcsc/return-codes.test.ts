import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pcscPlatform } from '../../engine/pcsc/platform.js';
import { returnCode, returnCodeError } from '../../engine/pcsc/return-codes.js';

const linux = pcscPlatform('linux', 'x64');
const windows = pcscPlatform('win32', 'x64');

const meanings = [
  [0x80100003, 'PcscUnavailable', 'PcscUnavailable'],
  [0x80100004, 'PcscUnavailable', 'PcscUnavailable'],
  [0x80100009, 'ReaderNotFound', 'ReaderNotFound'],
  [0x8010000b, 'ReaderBusy', 'ReaderBusy'],
  [0x8010000c, 'NoCard', 'CardRemoved'],
  [0x80100013, 'PcscUnavailable', 'PcscUnavailable'],
  [0x80100016, 'PcscFailure', 'PcscFailure'],
  [0x80100017, 'ReaderUnavailable', 'ReaderUnavailable'],
  [0x8010001d, 'PcscUnavailable', 'PcscUnavailable'],
  [0x8010001e, 'PcscUnavailable', 'PcscUnavailable'],
  [0x8010002e, 'ReaderNotFound', 'ReaderNotFound'],
  [0x80100065, 'CardMute', 'CardMute'],
  [0x80100066, 'CardMute', 'CardMute'],
  [0x80100067, 'CardMute', 'CardMute'],
  [0x80100068, 'CardReset', 'CardReset'],
  [0x80100069, 'NoCard', 'CardRemoved'],
  [0x8010006a, 'PcscUnavailable', 'PcscUnavailable'],
] as const;

for (const [number, connecting, working] of meanings) {
  test(`${returnCode(number, 'pcsc-lite').name} is ${connecting} before the work and ${working} during it`, () => {
    assert.equal(returnCodeError(number, linux, 'Reader A', 'Connecting').id, connecting);
    assert.equal(returnCodeError(number, windows, 'Reader A', 'Working').id, working);
  });
}

test('One number has another name on Windows than on pcsc-lite', () => {
  assert.equal(returnCode(0x8010001f, 'pcsc-lite').name, 'SCARD_E_UNSUPPORTED_FEATURE');
  assert.equal(returnCode(0x8010001f, 'macOS').name, 'SCARD_E_UNSUPPORTED_FEATURE');
  assert.equal(returnCode(0x8010001f, 'Windows').name, 'SCARD_E_UNEXPECTED');
  assert.equal(returnCode(0x80100022, 'Windows').name, 'SCARD_E_UNSUPPORTED_FEATURE');
});

test("Windows' own codes have a meaning on Windows only", () => {
  assert.equal(returnCodeError(1617, windows, 'Reader A', 'Working').id, 'ReaderUnavailable');
  assert.equal(returnCodeError(1617, linux, 'Reader A', 'Working').id, 'PcscFailure');
});

test('An unknown code is PcscFailure and shows its number', () => {
  const error = returnCodeError(0x80109999, linux, 'Reader A', 'Working');
  assert.equal(error.id, 'PcscFailure');
  assert.match(error.message, /0x80109999/u);
  assert.deepEqual(error.details, { readerName: 'Reader A', hresult: 0x80109999 });
});

test("A reader's name is shown without its control characters and kept as it is in the details", () => {
  const error = returnCodeError(0x80100066, linux, 'Reader\u202eA', 'Working');
  assert.match(error.message, /'Reader\\u\{202e\}A'/u);
  assert.equal(error.details.readerName, 'Reader\u202eA');
});

test('A service that is not there comes with what to do on this system', () => {
  assert.match(returnCodeError(0x8010001d, linux, null, 'Connecting').message, /pcscd/u);
  assert.match(returnCodeError(0x8010001d, windows, null, 'Connecting').message, /SCardSvr/u);
});
