import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFile,
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { encodeKeyLink, smartCardKsp } from '../../engine/certificate/key-link.js';
import { CertPropError } from '../../engine/errors.js';
import { decodeStore } from '../../engine/store/serialized-store.js';
import { isCorrupt } from '../../engine/store/store.js';
import {
  certificateFile,
  ec,
  elements,
  keyFile,
  makeProfiles,
  planRemoval,
  profilesIn,
  put,
  remove,
  restore,
  rsa,
  runOf,
  said,
  skipElsewhere,
  skipWithoutRoot,
  treeOf,
} from './bed.js';

let folder = '';
let profiles = '';
let backup = '';
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'certprop-backup-')));
  profiles = join(folder, 'profiles');
  backup = join(folder, 'kept', 'backup');
  await makeProfiles(profiles);
});
afterEach(() => rm(folder, { recursive: true }));

describe('removal with backup, then restoration', { skip: skipElsewhere }, () => {
  test('leaves every profile as it was, byte for byte', async () => {
    const before = await treeOf(profiles);
    const removed = await remove(profilesIn(profiles), backup);
    assert.deepEqual([...said(removed)].sort(), ['Removed Mark', 'Removed Mark', 'Removed SmartCardKeyLink']);
    assert.equal(Object.keys(await treeOf(profiles)).length, Object.keys(before).length - 3);

    const restored = await restore(runOf(removed), profilesIn(profiles));
    assert.deepEqual(said(restored), ['Restored FromBackup', 'Restored FromBackup', 'Restored FromBackup']);
    assert.deepEqual(await treeOf(profiles), before);
  });

  test('brings owners, modes and the letters of file names back', { skip: skipWithoutRoot }, async () => {
    const file = certificateFile(join(profiles, 'ada'), rsa);
    const lowerCase = join(dirname(file), rsa.toLowerCase());
    await rename(file, lowerCase);
    await chown(lowerCase, 1234, 2345);
    await chmod(lowerCase, 0o640);
    const before = await treeOf(profiles);
    const named = { evidence: null, thumbprints: [rsa], named: true };
    const removed = await remove(profilesIn(profiles), backup, named);
    assert.deepEqual(said(removed), ['Removed NamedByThumbprint']);
    await restore(runOf(removed), profilesIn(profiles));
    assert.deepEqual(await treeOf(profiles), before);
  });

  test('the elements are a serialized store that other programs read', async () => {
    const run = runOf(await remove(profilesIn(profiles), backup));
    const store = decodeStore(await readFile(join(run, 'certificates.sst')));
    assert.deepEqual(
      store.map((entry) => (isCorrupt(entry) ? entry.problem : entry.thumbprint)).sort(),
      [rsa, ec, ec].sort(),
    );
  });

  test('backup folder, run and files are for their owner alone', async () => {
    const run = runOf(await remove(profilesIn(profiles), backup));
    assert.equal(dirname(run), backup);
    assert.match(run, /\/\d{8}T\d{6}Z-[0-9a-f]{8}$/u);
    for (const path of [dirname(backup), backup, run]) assert.equal((await lstat(path)).mode & 0o777, 0o700);
    for (const name of await readdir(run)) assert.equal((await lstat(join(run, name))).mode & 0o777, 0o600);
  });

  test('a plan alone makes nothing', async () => {
    assert.equal((await planRemoval(profilesIn(profiles), backup)).length, 3);
    assert.deepEqual(await readdir(folder), ['profiles']);
  });

  test('the index holds no path', async () => {
    const run = runOf(await remove(profilesIn(profiles), backup));
    assert.doesNotMatch(await readFile(join(run, 'index.jsonl'), 'utf8'), /\/|AppData|profiles/u);
  });

  test('what is there is not overwritten, whatever it is', async () => {
    const removed = await remove(profilesIn(profiles), backup);
    const file = certificateFile(join(profiles, 'ada'), rsa);
    await writeFile(file, 'something else');
    const restored = await restore(runOf(removed), profilesIn(profiles));
    assert.deepEqual(said(restored).filter((text) => text === 'Skipped AlreadyThere').length, 1);
    assert.equal(await readFile(file, 'utf8'), 'something else');
    assert.deepEqual(
      new Set(said(await restore(runOf(removed), profilesIn(profiles)))),
      new Set(['Skipped AlreadyThere']),
    );
  });

  test('only what is named is restored; a thumbprint that was not removed is told', async () => {
    const run = runOf(await remove(profilesIn(profiles), backup));
    const other = '0'.repeat(40);
    assert.deepEqual(said(await restore(run, profilesIn(profiles), [rsa, other])), [
      'Restored FromBackup',
      'Skipped NotInBackup',
    ]);
    assert.deepEqual(await readdir(dirname(certificateFile(join(profiles, 'ada'), rsa))), [rsa]);
  });

  test('profiles that moved are known by their names; others are told', async () => {
    const run = runOf(await remove(profilesIn(profiles), backup));
    const moved = join(folder, 'moved');
    await rename(profiles, moved);
    await rename(join(moved, 'bob'), join(moved, 'eve'));
    assert.deepEqual((await restore(run, { kind: 'Profiles', paths: [join(moved, 'eve')] })).problems, [
      'BackupPlaceNotGiven',
    ]);
    assert.equal((await restore(run, profilesIn(moved))).results.length, 2);
    assert.ok(
      (await readFile(certificateFile(join(moved, 'ada'), rsa))).equals(elements[rsa] ?? new Uint8Array()),
    );
  });

  test('two profiles of one name are not told apart, and neither is touched', async () => {
    await put(certificateFile(join(folder, 'other', 'ada'), ec), elements[ec] ?? new Uint8Array());
    const both = { kind: 'Profiles', paths: [join(profiles, 'ada'), join(folder, 'other', 'ada')] } as const;
    const run = runOf(await remove({ ...both, paths: [...both.paths] }, backup));
    const moved = join(folder, 'moved', 'ada');
    await mkdir(dirname(moved));
    await rename(join(profiles, 'ada'), moved);
    await rm(join(folder, 'other'), { recursive: true });
    const outcome = await restore(run, { kind: 'Profiles', paths: [moved] });
    assert.deepEqual([outcome.results, outcome.problems], [[], ['BackupAmbiguous', 'BackupAmbiguous']]);
  });

  test('a store path has its certificates back too', async () => {
    const place = { kind: 'Folder', path: join(profiles, 'ada', 'AppData', 'Roaming', 'Microsoft') } as const;
    const before = await treeOf(profiles);
    const removed = await remove(place, backup);
    assert.equal(removed.results.length, 2);
    await restore(runOf(removed), place);
    assert.deepEqual(await treeOf(profiles), before);
  });
});

describe("the profile's links from keys to containers", { skip: skipElsewhere }, () => {
  const name = 'A'.repeat(40);
  const link = encodeKeyLink({
    container: 'c',
    provider: smartCardKsp,
    providerType: 0,
    flags: 0,
    keySpec: 0,
  });
  const entry = (value: Uint8Array): Uint8Array => {
    const header = Buffer.alloc(12);
    for (const [index, number] of [2, 1, value.length].entries()) header.writeUInt32LE(number, 4 * index);
    return Buffer.concat([header, value]);
  };

  test('stay where they are, and come back where they are missing', async () => {
    const file = keyFile(join(profiles, 'ada'), name);
    await put(file, entry(link));
    await put(keyFile(join(profiles, 'ada'), 'B'.repeat(40)), entry(link.subarray(0, 10)));
    const before = await treeOf(profiles);
    const run = runOf(await remove(profilesIn(profiles), backup));
    assert.deepEqual(await readFile(file), entry(link));
    await rm(file);
    await restore(run, profilesIn(profiles));
    assert.deepEqual(await treeOf(profiles), before);
  });
});

describe('a backup that is not to be trusted', { skip: skipElsewhere }, () => {
  const cases: readonly [string, () => Promise<void>][] = [
    ['a link', () => symlink(profiles, backup)],
    ['a file', () => writeFile(backup, '')],
    ['a folder that all can change', () => mkdir(backup).then(() => chmod(backup, 0o777))],
    ['below a folder that all can change', () => chmod(dirname(backup), 0o777)],
  ];
  for (const [what, make] of cases) {
    test(`is ${what}: nothing is removed, nothing written`, async () => {
      await mkdir(dirname(backup));
      await make();
      const before = await treeOf(folder);
      await assert.rejects(remove(profilesIn(profiles), backup), { id: 'BackupNotTrusted' });
      assert.deepEqual(await treeOf(folder), before);
    });
  }

  test("is another user's", { skip: skipWithoutRoot }, async () => {
    await mkdir(backup, { recursive: true });
    await chown(backup, 1234, 1234);
    await assert.rejects(remove(profilesIn(profiles), backup), { id: 'BackupNotTrusted' });
    assert.deepEqual(await readdir(backup), []);
  });

  test('has become a link since the plan was made', async () => {
    const steps = await planRemoval(profilesIn(profiles), backup);
    await mkdir(dirname(backup));
    await symlink(profiles, backup);
    const before = await treeOf(profiles);
    for (const { apply } of steps) {
      const { result, error } = await apply();
      assert.deepEqual([result.reason, error?.id], ['Failed', 'BackupNotTrusted']);
    }
    assert.deepEqual(await treeOf(profiles), before);
  });

  test('is not restored from', { skip: skipWithoutRoot }, async () => {
    const run = runOf(await remove(profilesIn(profiles), backup));
    await chown(run, 1234, 1234);
    await assert.rejects(restore(run, profilesIn(profiles)), { id: 'BackupNotTrusted' });
  });
});

describe('a damaged backup', { skip: skipElsewhere }, () => {
  let run = '';
  beforeEach(async () => {
    run = runOf(await remove(profilesIn(profiles), backup));
  });

  test('with a last line that is cut off has everything else', async () => {
    await appendFile(join(run, 'index.jsonl'), '{"version":1,"place":{"kind":"Pro');
    const outcome = await restore(run, profilesIn(profiles));
    assert.deepEqual([outcome.results.length, outcome.problems], [3, []]);
  });

  test('tells how many lines can not be read', async () => {
    const index = join(run, 'index.jsonl');
    const [first = '', ...others] = (await readFile(index, 'utf8')).split('\n');
    const hostile = [
      '{}',
      '[',
      JSON.stringify({ ...(JSON.parse(first) as object), storePath: '/etc' }),
      'x'.repeat(600_000),
    ];
    await writeFile(index, [first, ...hostile, ...others].join('\n'));
    const outcome = await restore(run, profilesIn(profiles));
    assert.deepEqual([outcome.results.length, outcome.problems], [3, ['BackupDamaged']]);
  });

  for (const [what, damage] of [
    ['is cut off', (path: string) => truncate(path, 100)],
    ['holds something else', (path: string) => writeFile(path, Buffer.alloc(100_000, 7))],
  ] as const) {
    test(`restores nothing out of a file of elements that ${what}`, async () => {
      await damage(join(run, 'certificates.sst'));
      const before = await treeOf(profiles);
      const outcome = await restore(run, profilesIn(profiles));
      assert.deepEqual(new Set(outcome.problems), new Set(['BackupDamaged']));
      assert.deepEqual(await treeOf(profiles), before);
    });
  }

  for (const name of ['index.jsonl', 'certificates.sst']) {
    test(`is not read through a link in place of ${name}`, async () => {
      await rename(join(run, name), join(folder, 'elsewhere'));
      await symlink(join(folder, 'elsewhere'), join(run, name));
      const before = await treeOf(profiles);
      const problems = await restore(run, profilesIn(profiles)).then(
        (outcome) => outcome.problems,
        (error: unknown) => [error instanceof CertPropError ? error.id : String(error)],
      );
      assert.deepEqual(new Set(problems), new Set(['BackupDamaged']));
      assert.deepEqual(await treeOf(profiles), before);
    });
  }

  test('never waits for a pipe', async () => {
    await rm(join(run, 'index.jsonl'));
    execFileSync('mkfifo', [join(run, 'index.jsonl')]);
    await assert.rejects(restore(run, profilesIn(profiles)), { id: 'BackupDamaged' });
  });

  test('or none is told', async () => {
    await assert.rejects(restore(backup, profilesIn(profiles)), { id: 'BackupNotFound' });
    await assert.rejects(restore(join(folder, 'nowhere'), profilesIn(profiles)), { id: 'BackupNotFound' });
  });
});
