import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeStore } from '../../engine/store/serialized-store.js';
import { errorCode } from '../../engine/store/retry.js';
import { CertPropError } from '../../engine/errors.js';
import { makeProfiles, profilesIn, remove, restore, skipElsewhere, treeOf } from './bed.js';

const removal = join(import.meta.dirname, 'removal-process.js');

async function withBed(work: (profiles: string, backup: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'certprop-kill-')));
  try {
    await makeProfiles(join(folder, 'profiles'));
    await work(join(folder, 'profiles'), join(folder, 'backup'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Killed before this change to a file; 0: not at all. */
function removeInProcess(
  profiles: string,
  backup: string,
  killAt: number,
): { killed: boolean; changes: number } {
  const { signal, stdout, stderr } = spawnSync(
    process.execPath,
    [removal, profiles, backup, String(killAt)],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(stderr, '');
  return { killed: signal === 'SIGKILL', changes: Number(stdout) };
}

/** Whatever a killed run left: its elements are a store, but for what stands behind its end. */
async function assertStore(run: string): Promise<void> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(run, 'certificates.sst'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  try {
    decodeStore(bytes);
  } catch (error) {
    assert.ok(error instanceof CertPropError);
    assert.match(error.message, /is not its end|does not begin/u);
  }
}

async function restoreAll(profiles: string, backup: string): Promise<void> {
  for (const name of await readdir(backup)) {
    const run = join(backup, name);
    await assertStore(run);
    try {
      const { problems } = await restore(run, profilesIn(profiles));
      assert.deepEqual(problems, []);
    } catch (error) {
      // It was killed before there was an index, and so before anything was removed.
      if (!(error instanceof CertPropError) || error.id !== 'BackupNotFound') throw error;
    }
  }
}

test(
  'a removal killed at any change to a file loses nothing, and one more run finishes it',
  { skip: skipElsewhere },
  async () => {
    let total = 0;
    await withBed((profiles, backup) => {
      total = removeInProcess(profiles, backup, 0).changes;
      return Promise.resolve();
    });
    assert.ok(total >= 30, `${total} changes`);

    for (let killAt = 1; killAt <= total; killAt++) {
      await withBed(async (profiles, backup) => {
        const before = await treeOf(profiles);
        assert.ok(removeInProcess(profiles, backup, killAt).killed);
        const { problems } = await remove(profilesIn(profiles), backup);
        assert.deepEqual(problems, [], `killed before change ${killAt}`);
        const left = Object.keys(await treeOf(profiles)).filter((path) => /[0-9A-F]{40}$|\.tmp$/u.test(path));
        assert.deepEqual(left, [], `killed before change ${killAt}`);
        await restoreAll(profiles, backup);
        assert.deepEqual(await treeOf(profiles), before, `killed before change ${killAt}`);
      });
    }
  },
);
