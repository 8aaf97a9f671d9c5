/** What stands between Windows' file functions and the held folders, without Windows. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { ownerOnly, settable } from '../../engine/profiles/nt-descriptor.js';
import { isOneComponent, isProfileVolume, ntPath } from '../../engine/profiles/nt-path.js';
import { decodeFacts, decodeFolderRecords, decodeMountPoint } from '../../engine/profiles/nt-records.js';
import { isMissing, ntStatus, requireSuccess, statusError } from '../../engine/profiles/nt-status.js';
import { storeError } from '../../engine/store/file-error.js';
import { folderRecord, listing, mountPoint, volumeRoot } from './nt-samples.js';

const hostileBytes = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
/** A good one with some bytes changed, and cut off. */
const damaged = (good: Buffer) =>
  fc
    .tuple(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(good.length))
    .map(([changes, length]) => {
      const bytes = Buffer.from(good);
      for (const [at, byte] of changes) bytes.writeUInt8(byte, at);
      return bytes.subarray(0, length);
    });

suite('Paths for the object manager', () => {
  for (const [path, expected] of [
    ['C:\\Users\\ada', '\\??\\C:\\Users\\ada'],
    ['C:\\', '\\??\\C:\\'],
    ['\\\\?\\C:\\Users\\ada', '\\??\\C:\\Users\\ada'],
    ['\\\\server\\profiles$\\ada', '\\??\\UNC\\server\\profiles$\\ada'],
    ['\\\\?\\UNC\\server\\share\\ada', '\\??\\UNC\\server\\share\\ada'],
    [
      '\\\\?\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\ada',
      '\\??\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\ada',
    ],
    ['\\\\.\\PhysicalDrive0', null],
    ['\\\\?\\GLOBALROOT\\Device', null],
    ['C:\\a\0b', null],
    [`C:\\${'x'.repeat(32_767)}`, null],
  ] as const) {
    test(`${JSON.stringify(path.slice(0, 60))} ${expected === null ? 'is none' : `is ${expected}`}`, () => {
      assert.equal(ntPath(path), expected);
    });
  }

  test('only the root of a volume, and the folder Profile there, is a volume for a profile', () => {
    for (const path of [volumeRoot, `${volumeRoot}Profile`, `${volumeRoot}profile\\`])
      assert.equal(isProfileVolume(path), true, path);
    for (const other of [
      `${volumeRoot}Users`,
      `${volumeRoot}Profiles`,
      `${volumeRoot}Profile\\ada`,
      `${volumeRoot}Profile\\\\`,
      volumeRoot.slice(0, -1),
      '\\??\\C:\\',
      '\\??\\C:\\Users',
      '\\??\\Volume{0123}\\',
      `\\??\\UNC${volumeRoot.slice(3)}`,
      `${volumeRoot}\n`,
    ]) {
      assert.equal(isProfileVolume(other), false, other);
    }
  });

  test('a name is one component of one stream', () => {
    for (const name of ['AppData', 'a.b', '...']) assert.equal(isOneComponent(name), true, name);
    for (const name of ['', '.', '..', 'a\\b', 'a/b', 'a:b', 'a\0b', '\\', 'C:'])
      assert.equal(isOneComponent(name), false, name);
  });
});

suite('A folder’s records', () => {
  test('are files, folders, links and others, without . and ..', () => {
    const bytes = listing([
      ['.', 0x10],
      ['..', 0x10],
      ['file', 0x20],
      ['folder', 0x10],
      ['junction', 0x410],
      ['link to a file', 0x420],
      ['device', 0x40],
    ]);
    assert.deepEqual(decodeFolderRecords(bytes), [
      { name: 'file', kind: 'File' },
      { name: 'folder', kind: 'Folder' },
      { name: 'junction', kind: 'Link' },
      { name: 'link to a file', kind: 'Link' },
      { name: 'device', kind: 'Other' },
    ]);
  });

  test('come back, whatever the names', () => {
    const name = fc
      .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
      .filter((each) => !/^\.\.?$/u.test(each));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 20 }), (names) => {
        const records = decodeFolderRecords(listing(names.map((each) => [each, 0x20])));
        assert.deepEqual(
          records?.map((each) => each.name),
          names,
        );
      }),
    );
  });

  test('of hostile bytes are none, or lie in them', () => {
    const good = listing([
      ['file', 0x20],
      ['other', 0x10],
    ]);
    fc.assert(
      fc.property(fc.oneof(hostileBytes, damaged(good)), (bytes) => {
        const records = decodeFolderRecords(bytes) ?? [];
        const length = records.reduce((sum, { name }) => sum + 64 + 2 * name.length, 0);
        assert.ok(length <= bytes.length);
      }),
    );
  });

  test('that lead back to themselves are none', () => {
    const [first, second] = [folderRecord('a', 0x20, 72), folderRecord('b', 0x20, 8)];
    assert.equal(decodeFolderRecords(Buffer.concat([first, second])), null);
  });
});

suite('What is known of an open file', () => {
  test('of hostile bytes is nothing, or lies in them', () => {
    fc.assert(
      fc.property(fc.oneof(hostileBytes, damaged(Buffer.alloc(200))), (bytes) => {
        const facts = decodeFacts(bytes);
        if (facts !== null) assert.ok(100 + 2 * facts.name.length <= bytes.length);
      }),
    );
  });
});

suite('A mount point', () => {
  test('leads where its substitute name says', () => {
    assert.equal(decodeMountPoint(mountPoint(volumeRoot)), volumeRoot);
    assert.equal(decodeMountPoint(mountPoint('\\??\\C:\\Users\\eve')), '\\??\\C:\\Users\\eve');
  });

  test('is no other reparse point, and none that is cut off', () => {
    const symbolicLink = mountPoint(volumeRoot);
    symbolicLink.writeUInt32LE(0xa000_000c);
    assert.equal(decodeMountPoint(symbolicLink), null);
    const whole = mountPoint(volumeRoot);
    for (let length = 0; length < whole.length - 'print\0\0'.length * 2; length++) {
      assert.equal(decodeMountPoint(whole.subarray(0, length)), null, String(length));
    }
  });

  test('of hostile bytes leads nowhere, or to a name in them', () => {
    fc.assert(
      fc.property(fc.oneof(hostileBytes, damaged(mountPoint(volumeRoot))), (bytes) => {
        const name = decodeMountPoint(bytes);
        if (name !== null) assert.ok(bytes.includes(Buffer.from(name, 'utf16le')));
      }),
    );
  });
});

/** As Wine gave it: owner S-1-5-21-0-0-0-1000, the same as group, and a list of three entries. */
const descriptor = Buffer.from(
  'AQAEgBQAAAAwAAAAAAAAAEwAAAABBQAAAAAABRUAAAAAAAAAAAAAAAAAAADoAwAAAQUAAAAAAAUVAAAAAAAAAAAAAAAAAAAAAQIAAAIAVAADAAAAAAAUAP8BHwABAQAAAAAABRIAAAAAACQA/wEfAAEFAAAAAAAFFQAAAAAAAAAAAAAAAAAAAOgDAAAAABQAqQASAAEBAAAAAAABAAAAAA==',
  'base64',
);

suite('A kept security descriptor', () => {
  test('is set as it is, and an inherited list is asked to stay one', () => {
    assert.deepEqual(Buffer.from(settable(descriptor) ?? []), descriptor);
    const inherited = Buffer.from(descriptor);
    inherited.writeUInt16LE(0x8404, 2);
    const expected = Buffer.from(inherited);
    expected.writeUInt16LE(0x8504, 2);
    assert.deepEqual(Buffer.from(settable(inherited) ?? []), expected);
  });

  test('is not set when it is cut off anywhere', () => {
    for (let length = 0; length < descriptor.length; length++) {
      assert.equal(settable(descriptor.subarray(0, length)), null, String(length));
    }
  });

  test('of hostile bytes is not set, or has all that it names in it', () => {
    fc.assert(
      fc.property(fc.oneof(hostileBytes, damaged(descriptor)), (bytes) => {
        const set = settable(bytes);
        if (set === null) return;
        for (const at of [4, 8, 16]) assert.ok(bytes.readUInt32LE(at) + 8 <= bytes.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('has an owner, who alone can be set', () => {
    const owner = Buffer.from(ownerOnly(descriptor) ?? []);
    assert.deepEqual([owner.length, owner.readUInt16LE(2), owner.readUInt32LE(4)], [48, 0x8000, 20]);
    assert.deepEqual(owner.subarray(20), descriptor.subarray(20, 48));
    assert.deepEqual(
      [8, 12, 16].map((at) => owner.readUInt32LE(at)),
      [0, 0, 0],
    );
    assert.equal(ownerOnly(descriptor.subarray(0, 40)), null);
  });
});

suite('What Windows answers', () => {
  const errors: readonly (readonly [number, ErrorId, RegExp])[] = [
    [ntStatus.accessDenied, 'StoreAccessDenied', /permission denied/u],
    [ntStatus.invalidOwner, 'StoreAccessDenied', /permission denied/u],
    [ntStatus.privilegeNotHeld, 'StoreAccessDenied', /permission denied/u],
    [ntStatus.nameNotFound, 'StoreUnavailable', /does not exist/u],
    [ntStatus.badNetworkName, 'StoreUnavailable', /does not exist/u],
    [ntStatus.sharingViolation, 'StoreUnavailable', /held by another program/u],
    [ntStatus.oplockBreakInProgress, 'StoreUnavailable', /held by another program/u],
    [ntStatus.diskFull, 'StoreUnavailable', /no space/u],
    [ntStatus.mediaWriteProtected, 'StoreUnavailable', /read-only/u],
    [0xc000_0001, 'StoreUnavailable', /NTSTATUS 0xC0000001/u],
  ];
  for (const [status, id, words] of errors) {
    test(`0x${status.toString(16)} is ${id}`, () => {
      const error = storeError(statusError(status), 'C:\\Users\\ada');
      assert.ok(error instanceof CertPropError);
      assert.equal(error.id, id);
      assert.match(error.message, words);
    });
  }

  test('is done, missing or an error', () => {
    requireSuccess(ntStatus.success);
    for (const status of [ntStatus.noSuchFile, ntStatus.nameNotFound, ntStatus.deletePending])
      assert.ok(isMissing(status));
    assert.ok(!isMissing(ntStatus.accessDenied));
    // What is only said in passing is no success: the work may not be done.
    assert.throws(() => requireSuccess(ntStatus.oplockBreakInProgress));
  });
});
