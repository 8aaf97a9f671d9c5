/** A stream of changes lives as long as its reader is watched: for weeks. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { changeStream } from '../../engine/pcsc/change-stream.js';
import type { ReaderChange } from '../../engine/pcsc/reader.js';

const inserted: ReaderChange = { kind: 'Inserted', readerName: 'Reader' };

interface Watched {
  readonly changes: AsyncGenerator<ReaderChange, void, void>;
  readonly stop: AbortController;
  readonly report: (change: ReaderChange) => void;
  readonly fail: (error: Error) => void;
}

function watched(): Watched {
  const stop = new AbortController();
  let report = (_: ReaderChange): void => assert.fail('nobody watches');
  let fail = (_: Error): void => assert.fail('nobody watches');
  const changes = changeStream((onChange, signal) => {
    report = onChange;
    return new Promise((resolve, reject) => {
      fail = reject;
      void once(signal, 'abort').then(() => resolve());
    });
  }, stop.signal);
  return {
    ...{ changes, stop },
    report: (change) => report(change),
    fail: (error) => fail(error),
  };
}

/** What is left after the garbage was collected (bytes). */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

test('A change that is waited for comes', async () => {
  const { changes, report } = watched();
  const next = changes.next();
  report(inserted);
  assert.deepEqual(await next, { done: false, value: inserted });
});

test('The stream ends while a change is waited for', async () => {
  const { changes, stop } = watched();
  const next = changes.next();
  stop.abort();
  assert.deepEqual(await next, { done: true, value: undefined });
});

test('What the watch throws while a change is waited for, the stream throws', async () => {
  const { changes, fail } = watched();
  const next = changes.next();
  fail(new Error('no service'));
  await assert.rejects(next, { message: 'no service' });
});

test('Of changes that were taken nothing is kept', async () => {
  const { changes, report } = watched();
  const takeMany = async (): Promise<void> => {
    for (let count = 0; count < 20_000; count += 1) {
      const next = changes.next();
      report(inserted);
      await next;
    }
  };
  await takeMany();
  const before = heapInUse();
  await takeMany();
  const perChange = (heapInUse() - before) / 20_000;
  assert.ok(perChange < 50, `${perChange.toFixed(0)} bytes are kept of each change`);
});
