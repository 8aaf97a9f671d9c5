/** What the bench does with thousands of profiles (npm run bench -- profiles), with few: each kind of hostile or broken profile is among them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { differences, digestOf } from '../support/profile-trees/digest.js';
import { startProfileEngine, unnamed, unprivileged } from '../support/profile-trees/engine.js';
import { hostileKinds } from '../support/profile-trees/hostile.js';
import { makeTrees, type Trees } from '../support/profile-trees/trees.js';
import { skipElsewhere } from './bed.js';

const profileCount = 60;

let made: Trees | null = null;
after(() => made?.remove());
const trees = (): Trees => (made ??= makeTrees(profileCount, profileCount / hostileKinds.length));

test('every hostile profile is named, and all others are read', { skip: skipElsewhere }, async () => {
  assert.equal(trees().hostile.size, hostileKinds.length);
  const engine = startProfileEngine(trees(), 'disturbed-files', {}, unprivileged);
  const { problems, count } = await engine.list();
  await engine.end();
  assert.deepEqual(unnamed(trees(), problems), []);
  const ordinary = profileCount - hostileKinds.length;
  assert.ok(count >= 2 * ordinary && count < 2 * profileCount, `${count} certificates from cards`);
});

test(
  'what is removed from profiles, hostile ones among them, is restored byte for byte, with owners and modes',
  { skip: skipElsewhere },
  async () => {
    const { folder, profiles, outside } = trees();
    const before = { profiles: digestOf(profiles), outside: digestOf(outside) };
    const engine = startProfileEngine(trees(), 'disturbed-files');
    const removed = await engine.remove(join(folder, 'backup'));
    const between = digestOf(profiles);
    await engine.restore(join(folder, 'backup'));
    await engine.end();

    const gone = differences(before.profiles, between);
    assert.ok(gone.length >= 2 * (profileCount - hostileKinds.length));
    assert.ok(gone.every((path) => !between.has(path) && /\/[0-9A-F]{40}$/u.test(path)));
    const actions = removed.results.filter(({ action }) => action === 'Removed');
    assert.equal(actions.length, gone.length);
    assert.deepEqual(differences(before.profiles, digestOf(profiles)), []);
    assert.deepEqual(differences(before.outside, digestOf(outside)), []);
  },
);
