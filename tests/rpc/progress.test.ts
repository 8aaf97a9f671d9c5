import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { secondsLeft, startProgress, type Progress } from '../../engine/rpc/progress.js';

/** What is told while the clock goes on by so many milliseconds between two steps. */
function told(total: number | null, milliseconds: number, work: (progress: Progress) => void): string[] {
  const events: string[] = [];
  let now = 0;
  const send = (event: StreamEvent): void => {
    assert.ok(event.kind === 'progress');
    events.push(`${event.done} of ${event.total}, ${event.secondsLeft} s`);
  };
  const progress = startProgress({ send }, 'Counting', total, () => now);
  work({
    ...progress,
    tell: (done) => {
      progress.tell(done);
      now += milliseconds;
    },
  });
  return events;
}

function steps(total: number): (progress: Progress) => void {
  return ({ tell, end }) => {
    for (let done = 0; done < total; done++) tell(done);
    end();
  };
}

test('of what is done at once nothing is told', () => {
  assert.deepEqual(told(100, 4, steps(100)), []);
});

test('what takes long tells how far it is and how long the rest takes, four times a second', () => {
  assert.deepEqual(told(12, 125, steps(12)), [
    '4 of 12, 1 s',
    '6 of 12, 1 s',
    '8 of 12, 1 s',
    '10 of 12, 1 s',
    '12 of 12, 0 s',
  ]);
});

test('without a total it tells the count alone, and at the end that it is the end', () => {
  assert.deepEqual(told(null, 500, steps(2)), ['1 of null, null s', '1 of 1, 0 s']);
});

test('the time that is left follows from the rate so far', () => {
  assert.equal(secondsLeft(0, 10, 9_000), null);
  assert.equal(secondsLeft(100, 5_000, 2_000), 98);
  assert.equal(secondsLeft(5_000, 5_000, 100_000), 0);
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), fc.nat(10_000_000), (done, total, elapsed) => {
      const seconds = secondsLeft(done, total, elapsed);
      assert.ok(seconds === null ? done === 0 : Number.isSafeInteger(seconds) && seconds >= 0);
    }),
  );
});
