import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReaderInfo } from '../../engine/pcsc/reader.js';
import { obstacleIn, selectReaders } from '../../engine/propagation/readers.js';

const atr = Uint8Array.of(0x3b, 0x00);
const readers: readonly ReaderInfo[] = [
  { readerName: 'Alpha 00', status: 'Present', atr },
  { readerName: 'Alpha 01', status: 'Empty', atr: null },
  { readerName: 'Beta [CCID] 00', status: 'Mute', atr: null },
];

function names(patterns: readonly string[] | null): readonly string[] {
  return selectReaders(readers, patterns).selected.map(({ reader }) => reader.readerName);
}

test('without patterns all readers are meant, none by name', () => {
  const { selected, errors } = selectReaders(readers, null);
  assert.deepEqual(
    selected.map(({ named }) => named),
    [false, false, false],
  );
  assert.deepEqual(errors, []);
});

test('a wildcard means every reader that it fits', () => {
  assert.deepEqual(names(['alpha*']), ['Alpha 00', 'Alpha 01']);
});

test('a name with brackets means the reader of that name', () => {
  assert.deepEqual(names(['Beta [CCID] 00']), ['Beta [CCID] 00']);
});

test('a reader that several patterns fit is meant once', () => {
  assert.deepEqual(names(['Alpha*', '*00', 'Alpha 00']), ['Alpha 00', 'Alpha 01', 'Beta [CCID] 00']);
});

test('a name that no reader has is an error that lists the readers', () => {
  const [error] = selectReaders(readers, ['Gamma']).errors;
  assert.equal(error?.id, 'ReaderNotFound');
  assert.match(error.message, /"Gamma".*"Alpha 00", "Alpha 01", "Beta \[CCID\] 00"/u);
});

test('a wildcard that fits no reader is no error', () => {
  assert.deepEqual(selectReaders(readers, ['Gamma*']), { selected: [], errors: [] });
});

test('a name with a bidirectional control is found by the text that is shown', () => {
  const odd = { readerName: 'evil\u202ereader', status: 'Present', atr } as const;
  assert.deepEqual(
    selectReaders([odd], ['evil\\u{202e}reader']).selected.map(({ reader }) => reader),
    [odd],
  );
});

test('empty, mute and broken readers are obstacles with an error of their own', () => {
  const ids = readers.map((reader) => obstacleIn(reader)?.id ?? null);
  assert.deepEqual(ids, [null, 'NoCard', 'CardMute']);
  assert.equal(obstacleIn({ readerName: 'x', status: 'Unavailable', atr: null })?.id, 'ReaderUnavailable');
});
