import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupPlace } from '../../engine/backup/backup.js';
import { decodeLine, encodeLine } from '../../engine/backup/index-line.js';
import { matchPlace } from '../../engine/backup/place.js';

const sid = 'S-1-5-21-1-2-3-1001';
const hive: BackupPlace = { kind: 'Hive', sid, userName: 'john' };
const profile: BackupPlace = { kind: 'Profile', root: 'a'.repeat(64), sid, userName: 'john' };
const given = (...places: readonly BackupPlace[]) => places.map((backupPlace) => ({ backupPlace }));

test("what lay in a user's registry goes back there and nowhere else", () => {
  const [registry, folder, another] = given(hive, profile, { ...hive, sid: `${sid}9` });
  assert.deepEqual(
    matchPlace(
      hive,
      [profile, hive],
      [folder, registry].flatMap((one) => one ?? []),
    ),
    registry,
  );
  assert.equal(
    matchPlace(
      hive,
      [hive],
      [folder, another].flatMap((one) => one ?? []),
    ),
    'None',
  );
  assert.equal(matchPlace(hive, [hive], given({ kind: 'Folder', root: 'b'.repeat(64) })), 'None');
});

test('a line of the index tells it from the folder of the same profile', () => {
  const entry = {
    ...{ place: hive, storeName: 'My', thumbprint: 'AB'.repeat(20), fileName: 'AB'.repeat(20) },
    ...{ rights: null, keys: [], offset: 0, length: 1, sha256: 'c'.repeat(64) },
  };
  assert.deepEqual(decodeLine(encodeLine(entry))?.place, hive);
});
