/** What is written to change a GIDS card, for any card. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseKeyMap } from '../../engine/card/gids-key-map.js';
import { addRecord, findFile, parseMasterFile, removeRecord } from '../../engine/card/gids-master-file.js';
import { planWrites, type GidsChange, type GidsState, type GidsWrite } from '../../engine/card/gids-plan.js';
import { parseCardcf } from '../../engine/card/minidriver/cardcf.js';
import {
  certificateFileName,
  numberBase,
  parseCertificateName,
} from '../../engine/card/minidriver/certificate-names.js';
import { newContainerRecord } from '../../engine/card/minidriver/cmapfile.js';

const counter = fc.integer({ min: 0, max: 0xffff });
const fileName = fc.constantFrom('kxc00', 'ksc01', 'kxc02', 'msroots', 'cmapfile');

/** A card with cardcf and any of the other files, each in a place of its own. */
const states: fc.Arbitrary<GidsState> = fc
  .record({ names: fc.uniqueArray(fileName), containers: counter, files: counter, gap: fc.nat(3) })
  .map(({ names, containers, files, gap }) => {
    const cardcf = addRecord(Uint8Array.of(1), { directory: '', name: 'cardcf', tag: 0xdf22, efid: 0xa010 });
    const masterFile = names.reduce(
      (table, name, index) =>
        addRecord(table, { directory: 'mscp', name, tag: 0xdf23 + gap + index, efid: 0xa010 }),
      cardcf,
    );
    const counters = { version: 0, pinsFreshness: 7, trailing: new Uint8Array() };
    return {
      masterFile,
      counters: { ...counters, containersFreshness: containers, filesFreshness: files },
    };
  });

const changes: fc.Arbitrary<GidsChange> = fc.record({
  containerMap: fc.constantFrom(null, [newContainerRecord('Name', 'KeyExchange', 2048, true)]),
  file: fc.option(
    fc.record({
      name: fc.constantFrom('kxc00', 'ksc01', 'kxc02', 'msroots'),
      content: fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 })),
    }),
  ),
});

const key = ({ place }: GidsWrite): string => `${String(place.efid)} ${String(place.tag)}`;

describe('the plan of a change', () => {
  test('raises the counters before anything else, those of what changes, and no other', () => {
    fc.assert(
      fc.property(states, changes, (state, change) => {
        const { writes, before, after } = planWrites(state, change);
        if (change.containerMap === null && change.file === null) {
          assert.deepEqual([writes.length, after], [0, before]);
          return;
        }
        assert.deepEqual(parseCardcf(writes[0]?.bytes ?? new Uint8Array()), after);
        assert.notEqual(after.filesFreshness, before.filesFreshness);
        assert.equal(after.containersFreshness !== before.containersFreshness, change.containerMap !== null);
        assert.equal(after.pinsFreshness, before.pinsFreshness);
      }),
    );
  });

  test('leaves a table of files in which each file has a place of its own, and the change is there', () => {
    fc.assert(
      fc.property(states, changes, (state, change) => {
        const { writes } = planWrites(state, change);
        const objects = new Map(writes.map((write) => [key(write), write.bytes]));
        const table = writes.findLast(({ what }) => what === 'table of files')?.bytes ?? state.masterFile;
        const records = parseMasterFile(table);
        const places = records.map(({ efid, tag }) => `${String(efid)} ${String(tag)}`);
        assert.equal(new Set(places).size, places.length);
        for (const old of parseMasterFile(state.masterFile)) {
          const isRemoved = change.file?.content === null && old.name === change.file.name;
          assert.equal(findFile(records, old.directory, old.name) === null, isRemoved);
        }
        const { name, content } = change.file ?? { name: '', content: null };
        if (content === null) return;
        const place = findFile(records, 'mscp', name);
        assert.ok(place);
        assert.deepEqual(objects.get(`${String(place.efid)} ${String(place.tag)}`), content);
      }),
    );
  });

  test('gives no name to a file before its content is there, and takes a name before its content', () => {
    fc.assert(
      fc.property(states, changes, (state, change) => {
        const seen = new Set<string>();
        let names = new Set(parseMasterFile(state.masterFile).map(({ name }) => name));
        for (const write of planWrites(state, change).writes) {
          if (write.what === 'table of files') {
            const now = new Set(parseMasterFile(write.bytes).map(({ name }) => name));
            for (const name of now) assert.ok(names.has(name) || seen.has(`file ${name}`));
            names = now;
          } else if (write.bytes.length === 0) assert.ok(!names.has(write.what.replace('file ', '')));
          seen.add(write.what);
        }
      }),
    );
  });

  test('refuses a card that has no place for another file', () => {
    let masterFile = addRecord(Uint8Array.of(1), {
      directory: '',
      name: 'cardcf',
      tag: 0xdf21,
      efid: 0xa010,
    });
    for (let tag = 0xdf22; tag <= 0xdf7f; tag++)
      masterFile = addRecord(masterFile, { directory: 'mscp', name: `f${String(tag)}`, tag, efid: 0xa010 });
    const counters = {
      ...{ version: 0, pinsFreshness: 0, containersFreshness: 0, filesFreshness: 0 },
      trailing: new Uint8Array(),
    };
    const change = { containerMap: null, file: { name: 'kxc00', content: Uint8Array.of(1) } };
    assert.throws(() => planWrites({ masterFile, counters }, change), { id: 'CardFull' });
  });
});

describe('the table of files', () => {
  test('is the same after a record came and went', () => {
    fc.assert(
      fc.property(states, ({ masterFile }) => {
        const record = { directory: 'mscp', name: 'kxc09', tag: 0xdf70, efid: 0xa010 };
        const longer = addRecord(masterFile, record);
        assert.deepEqual(findFile(parseMasterFile(longer), 'mscp', 'kxc09'), record);
        assert.deepEqual(Buffer.from(removeRecord(longer, 'mscp', 'kxc09')), Buffer.from(masterFile));
      }),
    );
  });
});

describe('the name of a certificate file', () => {
  test('is read back as the container that it was made for', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('KeyExchange' as const, 'Signature' as const),
        fc.nat(98),
        fc.constantFrom(10 as const, 16 as const),
        (keySpec, index, base) => {
          const name = parseCertificateName(certificateFileName(keySpec, index, base));
          assert.ok(name);
          assert.equal(name.keySpec, keySpec);
          assert.equal(Number.parseInt(name.digits, base), index);
          assert.equal(
            Number.parseInt(
              name.digits,
              numberBase([name], (one) => one === index),
            ),
            index,
          );
        },
      ),
    );
  });
});

describe('the key map', () => {
  test('names the keys that there are, by container', () => {
    const record = (type: number, file: number): number[] => [
      ...[1, 0, 0, 0, 7, type],
      ...[file & 0xff, file >> 8, 0xff, 0xff, 0, 0],
    ];
    const bytes = Uint8Array.of(
      1,
      ...record(0x9a, 0xb081),
      ...record(0x9c, 0xb083),
      ...record(0x9a, 0xb080),
      ...record(0x9a, 0xb081),
    );
    assert.deepEqual(parseKeyMap(bytes), [
      { index: 0, keySpec: 'KeyExchange' },
      { index: 2, keySpec: 'Signature' },
    ]);
  });

  test('of any bytes is a list', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        assert.ok(parseKeyMap(bytes).every(({ index }) => index >= 0));
      }),
    );
  });
});
