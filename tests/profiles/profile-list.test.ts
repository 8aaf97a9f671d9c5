import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listedProfiles, type ListedValues } from '../../engine/profiles/profile-list.js';

const sid = 'S-1-5-21-1-2-3-1001';
const listed = (
  keyName: string,
  imagePath: string | null,
  centralProfile: string | null = null,
): ListedValues => ({
  ...{ keyName, imagePath, centralProfile },
});
const profiles = (...list: readonly ListedValues[]) => listedProfiles(list, 'D:\\Windows');

test('a key is a user, its ProfileImagePath the profile', () => {
  assert.deepEqual(profiles(listed(sid, 'C:\\Users\\ada')), [
    { path: 'C:\\Users\\ada', userName: 'ada', sid, isRoaming: false },
  ]);
});

test("the system's own accounts are written with variables", () => {
  const paths = profiles(
    listed('S-1-5-18', '%systemroot%\\system32\\config\\systemprofile'),
    listed('S-1-5-19', '%SystemRoot%\\ServiceProfiles\\LocalService'),
    listed(sid, '%SystemDrive%\\Users\\ada'),
  ).map(({ path }) => path);
  assert.deepEqual(paths, [
    'D:\\Windows\\system32\\config\\systemprofile',
    'D:\\Windows\\ServiceProfiles\\LocalService',
    'D:\\Users\\ada',
  ]);
});

test('a copy on a server makes it a roaming one', () => {
  const [roaming, local] = profiles(
    listed(sid, 'C:\\Users\\ada', '\\\\server\\profiles\\ada'),
    listed(`${sid}2`, 'C:\\Users\\bob', ''),
  );
  assert.deepEqual(
    [roaming, local].map((profile) => profile && 'isRoaming' in profile && profile.isRoaming),
    [true, false],
  );
});

test('a profile that Windows moved aside is one too, and a folder that is listed twice is one profile', () => {
  assert.deepEqual(
    profiles(
      listed(sid, 'C:\\Users\\TEMP'),
      listed(`${sid}.bak`, 'C:\\Users\\ada'),
      listed(`${sid}.BAK`, 'C:\\Users\\ada'),
    ).map(({ path }) => path),
    ['C:\\Users\\TEMP', 'C:\\Users\\ada'],
  );
});

test('what names no user or no folder is told and passed over', () => {
  for (const values of [
    listed('no SID', 'C:\\Users\\ada'),
    listed(`${sid}\u001b[2J`, 'C:\\Users\\ada'),
    listed(sid, null),
    listed(sid, ''),
    listed(sid, 'Users\\ada'),
    listed(sid, '%USERPROFILE%\\..\\ada'),
  ]) {
    const [skipped, ...others] = profiles(values);
    assert.deepEqual(others, []);
    assert.ok(skipped !== undefined && 'problem' in skipped, values.keyName);
    assert.match(skipped.problem, /ProfileList\\/u);
    assert.ok(!skipped.problem.includes('\u001b'));
  }
});
