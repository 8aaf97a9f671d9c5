import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isChangeableByOthers } from '../../engine/files/security-descriptor.js';

const system = 'S-1-5-18';
const administrators = 'S-1-5-32-544';
const trustedInstaller = 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464';
const users = 'S-1-5-32-545';
const authenticated = 'S-1-5-11';
const creatorOwner = 'S-1-3-0';
const fullControl = 0x1f01ff;
const readAndExecute = 0x1200a9;
const modify = 0x1301bf;

interface Entry {
  readonly sid: string;
  readonly rights: number;
  readonly type?: number;
  readonly flags?: number;
}

/** [MS-DTYP] 2.4.2.2. */
function sidBytes(sid: string): Buffer {
  const [, , authority = 0, ...numbers] = sid.split('-').map(Number);
  const bytes = Buffer.alloc(8 + 4 * numbers.length);
  bytes.set([1, numbers.length]);
  bytes.writeUIntBE(authority, 2, 6);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32LE(number, 8 + 4 * index);
  return bytes;
}

/** [MS-DTYP] 2.4.6; null: no access control list. */
function descriptor(owner: string, entries: readonly Entry[] | null): Buffer {
  const header = Buffer.alloc(20);
  const ownerBytes = sidBytes(owner);
  header.writeUInt8(1, 0);
  header.writeUInt16LE(entries === null ? 0x8000 : 0x8004, 2);
  header.writeUInt32LE(20, 4);
  header.writeUInt32LE(entries === null ? 0 : 20 + ownerBytes.length, 16);
  const parts = [header, ownerBytes];
  if (entries !== null) parts.push(list(entries));
  return Buffer.concat(parts);
}

function list(entries: readonly Entry[]): Buffer {
  const encoded = entries.map(({ sid, rights, type = 0, flags = 0 }) => {
    const whose = sidBytes(sid);
    const entry = Buffer.alloc(8);
    entry.set([type, flags]);
    entry.writeUInt16LE(8 + whose.length, 2);
    entry.writeUInt32LE(rights, 4);
    return Buffer.concat([entry, whose]);
  });
  const header = Buffer.alloc(8);
  header.writeUInt8(2, 0);
  header.writeUInt16LE(8 + Buffer.concat(encoded).length, 2);
  header.writeUInt16LE(encoded.length, 4);
  return Buffer.concat([header, ...encoded]);
}

const programFiles: readonly Entry[] = [
  { sid: trustedInstaller, rights: fullControl },
  { sid: system, rights: modify },
  { sid: administrators, rights: modify },
  { sid: users, rights: readAndExecute },
  { sid: creatorOwner, rights: fullControl, flags: 0x0b },
];

test('a file as under Program Files is nobody else’s to change', () => {
  assert.equal(isChangeableByOthers(descriptor(trustedInstaller, programFiles), false), false);
});

test('one that users may write, own or take is', () => {
  const others: [string, readonly Entry[] | null][] = [
    ['S-1-5-21-1-2-3-1001', programFiles],
    [system, null],
    [system, [...programFiles, { sid: users, rights: modify }]],
    [system, [...programFiles, { sid: users, rights: 0x40000 }]],
    [system, [...programFiles, { sid: users, rights: 0x40000000 }]],
    [system, [...programFiles, { sid: users, rights: 2, type: 9 }]],
  ];
  for (const [owner, entries] of others) {
    assert.equal(isChangeableByOthers(descriptor(owner, entries), false), true);
  }
});

test('a denial gives nobody anything', () => {
  const denial = { sid: users, rights: fullControl, type: 1 };
  assert.equal(isChangeableByOthers(descriptor(system, [denial, ...programFiles]), false), false);
});

test('above the file’s own folder others may add, as in C:\\, but not replace', () => {
  const drive = [...programFiles, { sid: authenticated, rights: 4 }];
  assert.equal(isChangeableByOthers(descriptor(system, drive), true), false);
  assert.equal(isChangeableByOthers(descriptor(system, drive), false), true);
  const replaceable = [...programFiles, { sid: authenticated, rights: 0x40 }];
  assert.equal(isChangeableByOthers(descriptor(system, replaceable), true), true);
});

test('what could not be read, or is cut short, counts as changeable', () => {
  const whole = descriptor(trustedInstaller, programFiles);
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(isChangeableByOthers(whole.subarray(0, length), false), true, `${length} bytes`);
  }
});

test('any bytes give an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, ancestor) => {
      assert.equal(typeof isChangeableByOthers(bytes, ancestor), 'boolean');
    }),
    { numRuns: 5000 },
  );
});
