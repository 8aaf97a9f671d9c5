import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { makeProfiles } from '../backup/bed.js';
import { bundleForWine, runNode } from '../support/wine-node.js';
import { skipWithoutWine, startWine, type Wine } from '../support/wine.js';
import type { BackupReport } from '../wine/backup-script.js';

/** Every file below a folder, by what is in it. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex');
  return Object.fromEntries(files.map((path) => [path, hash(path)]));
}

suite('Backups of profiles under Wine', { skip: skipWithoutWine() }, () => {
  let wine: Wine;
  let [script, asPlainUser] = ['', ''];
  before(async () => {
    wine = await startWine();
    script = await bundleForWine(wine, 'tests/wine/backup-script.ts');
    asPlainUser = await bundleForWine(wine, 'tests/wine/plain-user-script.ts');
  });
  after(() => wine.stop());

  const run = async (name: string, isPlain: boolean) => {
    // Drive C belongs to Wine's user, up to its root.
    const folder = join(wine.systemFolder, '..', '..', name);
    const profiles = join(folder, 'profiles');
    mkdirSync(profiles, { recursive: true });
    await makeProfiles(profiles);
    const before = filesIn(profiles);
    const files = ['profiles', 'kept\\backup', 'report'].map((each) => `C:\\${name}\\${each}`);
    const args = isPlain ? [asPlainUser, wine.path(script), ...files] : [script, ...files];
    const [first = '', ...others] = args;
    const { exitCode, errors } = await runNode(wine, first, others);
    assert.equal(exitCode, 0, errors);
    const report = JSON.parse(readFileSync(join(folder, 'report'), 'utf8')) as BackupReport;
    return { report, before, after: filesIn(profiles), folder };
  };

  test('a plain user removes with a backup in a private folder, and puts everything back byte for byte', async () => {
    const { report, before, after: there, folder } = await run('plain', true);
    assert.equal(report.isAdministrator, false);
    assert.match(report.sid, /^S-1-5-21-/u);
    assert.deepEqual([...(report.done?.removed ?? [])].sort(), [
      ...['Removed Mark', 'Removed Mark', 'Removed SmartCardKeyLink'],
    ]);
    assert.deepEqual(
      report.done?.restored,
      Array.from({ length: 3 }, () => 'Restored FromBackup'),
    );
    assert.deepEqual(report.done.problems, []);
    assert.deepEqual(there, before);
    assert.equal(report.done.isChangeable, false);
    const modes = ['kept', 'kept/backup'].map((name) => statSync(join(folder, name)).mode & 0o7);
    assert.deepEqual(modes, [0, 0], 'Wine shows the access list as a mode that gives others nothing');
  });

  test('an administrator’s backup is not put where a user, here Wine’s own, owns the way', async () => {
    const { report, before, after: there } = await run('administrator', false);
    assert.deepEqual([report.isAdministrator, report.done], [true, null]);
    assert.deepEqual(there, before, 'nothing is removed');
  });
});
