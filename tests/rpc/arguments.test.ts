import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../engine/rpc/arguments.js';

test('without arguments there is neither parent nor idle time', () => {
  assert.deepEqual(parseArguments([]), { parent: null, idle: null });
});

test('arguments come in any order', () => {
  const expected = { parent: 42, idle: 600_000 };
  assert.deepEqual(parseArguments(['--parent', '42', '--idle', '600000']), expected);
  assert.deepEqual(parseArguments(['--idle', '600000', '--parent', '42']), expected);
});

const refused: [given: string[], message: RegExp][] = [
  [['--other', '1'], /^Error: Usage/],
  [['--parent=42'], /^Error: Usage/],
  [['42'], /^Error: Usage/],
  [[''], /^Error: Usage/],
  [['--parent'], /--parent needs a number/],
  [['--parent', '--idle'], /--parent needs a number/],
  [['--parent', '0'], /--parent needs a number/],
  [['--parent', '-1'], /--parent needs a number/],
  [['--parent', '1.5'], /--parent needs a number/],
  [['--parent', ' 1'], /--parent needs a number/],
  [['--parent', '0x10'], /--parent needs a number/],
  [['--idle', '2147483648'], /--idle needs a number/],
  [['--idle', '1', '--idle', '2'], /--idle is given twice/],
];

for (const [given, message] of refused) {
  test(`refused: ${JSON.stringify(given)}`, () => {
    assert.throws(() => parseArguments(given), message);
  });
}
