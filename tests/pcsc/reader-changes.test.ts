import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type CardState, changesBetween, noReaders, withChange } from '../../engine/pcsc/reader-changes.js';
import type { ReaderChange } from '../../engine/pcsc/reader.js';

const readerName = 'Reader A';
const one = (state: CardState) => new Map([[readerName, state]]);
const kinds = (before: CardState, after: CardState): string[] =>
  changesBetween(one(before), one(after)).map(({ kind }) => kind);
const present = (count: number | null): CardState => ({ present: true, count });
const absent = (count: number | null): CardState => ({ present: false, count });

test('A card that came or went is Inserted or Removed', () => {
  assert.deepEqual(kinds(absent(4), present(5)), ['Inserted']);
  assert.deepEqual(kinds(present(5), absent(6)), ['Removed']);
  assert.deepEqual(kinds(present(5), present(5)), []);
  assert.deepEqual(kinds(absent(4), absent(4)), []);
});

test('Two insertions or removals more are told in the order that fits', () => {
  assert.deepEqual(kinds(present(5), present(7)), ['Removed', 'Inserted']);
  assert.deepEqual(kinds(absent(4), absent(6)), ['Inserted', 'Removed']);
});

test('The counter begins anew after 0xFFFF', () => {
  assert.deepEqual(kinds(present(0xffff), present(1)), ['Removed', 'Inserted']);
  assert.deepEqual(kinds(absent(0xfffe), absent(0)), ['Inserted', 'Removed']);
  assert.deepEqual(kinds(absent(0xffff), present(0)), ['Inserted']);
});

test('Where nobody counts, only what is there tells', () => {
  assert.deepEqual(kinds(absent(null), present(null)), ['Inserted']);
  assert.deepEqual(kinds(present(null), present(null)), []);
  assert.deepEqual(kinds(absent(null), absent(3)), []);
});

test('A reader that came brings its card, one that is gone took it along', () => {
  assert.deepEqual(changesBetween(noReaders, one(present(3))), [{ kind: 'Inserted', readerName }]);
  assert.deepEqual(changesBetween(noReaders, one(absent(3))), []);
  assert.deepEqual(changesBetween(one(present(3)), noReaders), [{ kind: 'Removed', readerName }]);
  assert.deepEqual(changesBetween(one(absent(3)), noReaders), []);
});

test('Whatever happened, the changes alternate, lead to what is there, and are none only if nothing happened', () => {
  const start = fc.record({ present: fc.boolean(), count: fc.nat(0xffff) });
  fc.assert(
    fc.property(start, fc.nat(0xfffe), (before, events) => {
      const after = {
        present: events % 2 === 0 ? before.present : !before.present,
        count: (before.count + events) & 0xffff,
      };
      const found = kinds(before, after);
      assert.equal(found.length, events === 0 ? 0 : 2 - (events % 2));
      let isPresent = before.present;
      for (const kind of found) {
        assert.equal(kind, isPresent ? 'Removed' : 'Inserted');
        isPresent = !isPresent;
      }
      assert.equal(isPresent, after.present);
    }),
  );
});

test('However much happens before somebody looks, no more than two changes of a reader wait, and they are the last', () => {
  const names = fc.constantFrom('Reader A', 'Reader B');
  fc.assert(
    fc.property(fc.array(names), (happening) => {
      const isPresent = new Map<string, boolean>();
      let waiting: readonly ReaderChange[] = [];
      for (const name of happening) {
        const now = !(isPresent.get(name) ?? false);
        isPresent.set(name, now);
        waiting = withChange(waiting, { kind: now ? 'Inserted' : 'Removed', readerName: name });
      }
      for (const [name, now] of isPresent) {
        const own = waiting.filter((change) => change.readerName === name);
        assert.ok(own.length >= 1 && own.length <= 2);
        assert.equal(own.at(-1)?.kind, now ? 'Inserted' : 'Removed');
        assert.notEqual(own.at(-2)?.kind, own.at(-1)?.kind);
      }
    }),
  );
});
