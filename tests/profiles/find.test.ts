import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { findProfiles } from '../../engine/profiles/find.js';
import { isSkipped } from '../../engine/profiles/profile.js';
import { collect } from '../support/collect.js';
import { temporaryFolder } from '../store/temporary-folder.js';

const skip = process.platform === 'linux' ? false : 'Linux only';

/** Users' folders, a link as Windows has it, and a file. */
function makeUsers(context: TestContext): string {
  const folder = temporaryFolder(context);
  for (const name of ['grace', 'ada', 'adam', 'a[d]a'])
    mkdirSync(join(folder, name, 'Data'), { recursive: true });
  symlinkSync(join(folder, 'ada'), join(folder, 'Default User'));
  writeFileSync(join(folder, 'desktop.ini'), '');
  return folder;
}

/** User names, and the paths of what was skipped with an exclamation mark. */
async function found(...patterns: string[]): Promise<string[]> {
  const all = await collect(findProfiles(patterns));
  return all.map((one) => (isSkipped(one) ? `! ${one.path}` : one.userName));
}

test('a wildcard finds folders in the order of their names, and names links', { skip }, async (context) => {
  const folder = makeUsers(context);
  const link = `! ${join(folder, 'Default User')}`;
  assert.deepEqual(await found(join(folder, '*')), [link, 'a[d]a', 'ada', 'adam', 'grace']);
  assert.deepEqual(await found(join(folder, 'ad?')), ['ada']);
  assert.deepEqual(await found(join(folder, 'nobody*')), []);
});

test('a pattern without wildcards is the path itself, and has to exist', { skip }, async (context) => {
  const folder = makeUsers(context);
  assert.deepEqual(await collect(findProfiles([join(folder, 'ada/')])), [
    { path: join(folder, 'ada'), userName: 'ada', sid: null, isRoaming: null },
  ]);
  assert.deepEqual(await found(join(folder, 'nobody'), join(folder, 'grace')), [
    `! ${join(folder, 'nobody')}`,
    'grace',
  ]);
  assert.deepEqual(await found('ada'), ['! ada']);
  assert.deepEqual(await found(join(folder, 'desktop.ini')), [`! ${join(folder, 'desktop.ini')}`]);
  assert.deepEqual(await found(join(folder, 'nowhere', '*')), [`! ${join(folder, 'nowhere')}`]);
});

test('wildcards in the middle go through no link, and need not lead anywhere', { skip }, async (context) => {
  const folder = makeUsers(context);
  assert.deepEqual(await found(join(folder, 'ada*', 'Data')), ['Data', 'Data']);
  assert.deepEqual(await found(join(folder, '*', 'Nothing')), [`! ${join(folder, 'Default User')}`]);
  assert.deepEqual(await found(join(folder, 'D*', '*')), [`! ${join(folder, 'Default User')}`]);
});

test('what is skipped is told in a sentence that names it', { skip }, async (context) => {
  const path = join(makeUsers(context), 'Default User');
  const [link] = await collect(findProfiles([path]));
  assert.ok(link && isSkipped(link));
  assert.equal(
    link.problem,
    `${path} is a link. In users' profiles CertProp follows no links and enters only folders.`,
  );
});
