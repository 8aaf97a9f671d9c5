import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMark, parseMark } from '../../engine/certificate/mark.js';

const example = {
  version: '0.1.0',
  cardId: '00112233445566778899AABBCCDDEEFF',
  readerName: 'Yubico YubiKey [OTP+CCID] 00 00',
  at: Date.UTC(2026, 10, 21, 9, 45, 0),
};
const line =
  'CertProp 0.1.0; card=00112233445566778899AABBCCDDEEFF; reader=Yubico%20YubiKey%20%5BOTP%2BCCID%5D%2000%2000; at=2026-11-21T09:45:00Z';

test('a mark names version, card, reader and time in one percent-encoded line', () => {
  assert.equal(formatMark(example), line);
  assert.deepEqual(parseMark(line), example);
});

test('any card id and reader name come back, in one line of ASCII', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(name, name, (cardId, readerName) => {
      const written = formatMark({ ...example, cardId, readerName });
      assert.match(written, /^[\x20-\x7e]+$/u);
      assert.deepEqual(parseMark(written), { ...example, cardId, readerName });
    }),
  );
});

for (const [what, text] of [
  ['another prefix', line.replace('CertProp', 'certprop')],
  ['words before it', `My note. ${line}`],
  ['words after it', `${line} (old)`],
  ['an impossible date', line.replace('11-21', '13-41')],
  ['another encoding of the same reader', line.replace('%20', '%2520').replace('%5B', '%5b')],
  ['a raw space in a value', line.replace('%20', ' ')],
  ['broken percent encoding', line.replace('%20', '%2')],
  ['an empty line', ''],
] as const) {
  test(`${what} is no mark`, () => {
    assert.equal(parseMark(text), null);
  });
}

test('nothing that is not a mark is taken for one, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const mark = parseMark(text);
      assert.ok(mark === null || formatMark(mark) === text);
    }),
  );
});
