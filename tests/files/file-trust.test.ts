import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { firstChangeable } from '../../engine/files/file-trust.js';

/** Files of root's and of others can be made by root only. */
const skip = process.geteuid?.() === 0 ? false : 'needs root';

describe('a file of root’s', { skip }, () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await realpath(await mkdtemp('/var/tmp/trust-'));
    await mkdir(join(folder, 'a', 'b'), { recursive: true });
    file = join(folder, 'a', 'b', 'module.so');
    await writeFile(file, '');
    for (const path of [folder, join(folder, 'a'), join(folder, 'a', 'b')]) await chmod(path, 0o755);
    await chmod(file, 0o644);
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('in folders of root’s is nobody else’s to change', async () => {
    assert.equal(await firstChangeable(file), null);
  });

  for (const [what, mode] of [
    ['all', 0o777],
    ['a group', 0o775],
  ] as const) {
    for (const place of ['a/b/module.so', 'a/b', 'a']) {
      test(`that ${what} can write at ${place} is told by that place`, async () => {
        const path = join(folder, place);
        if (what === 'a group') await chown(path, 0, 1000);
        await chmod(path, mode);
        assert.equal(await firstChangeable(file), path);
      });
    }
  }

  test('that root’s own group can write is nobody else’s', async () => {
    await chmod(file, 0o664);
    assert.equal(await firstChangeable(file), null);
  });

  test('that another user owns, or whose folder another user owns, is told', async () => {
    for (const path of [file, join(folder, 'a')]) {
      await chown(path, 1000, 0);
      assert.equal(await firstChangeable(file), path);
      await chown(path, 0, 0);
    }
  });

  test('may lie below a folder where all can add but not replace, not in one', async () => {
    await chmod(join(folder, 'a'), 0o1777);
    assert.equal(await firstChangeable(file), null);
    await chmod(join(folder, 'a', 'b'), 0o1777);
    assert.equal(await firstChangeable(file), join(folder, 'a', 'b'));
  });

  test('is judged by what its links lead to', async () => {
    const link = join(folder, 'link.so');
    await symlink('a/b/module.so', link);
    assert.equal(await firstChangeable(link), null);
    await chmod(file, 0o666);
    assert.equal(await firstChangeable(link), file);
  });

  test('is judged by linked folders as the system follows them', async () => {
    await mkdir(join(folder, 'c'), { mode: 0o755 });
    await symlink('a/b', join(folder, 'short'));
    await symlink('../../c', join(folder, 'a', 'b', 'up'));
    const target = join(folder, 'c', 'module.so');
    await writeFile(target, '');
    await chmod(target, 0o644);
    assert.equal(await firstChangeable(join(folder, 'short', 'up', 'module.so')), null);
    await chmod(join(folder, 'c'), 0o777);
    assert.equal(await firstChangeable(join(folder, 'short', 'up', 'module.so')), join(folder, 'c'));
  });

  test('is told by a link that others can repoint', async () => {
    await mkdir(join(folder, 'open'));
    await chmod(join(folder, 'open'), 0o777);
    await symlink(file, join(folder, 'open', 'link.so'));
    assert.equal(await firstChangeable(join(folder, 'open', 'link.so')), join(folder, 'open'));
  });

  test('behind links in a circle is an error, not a wait', async () => {
    await symlink('circle', join(folder, 'circle'));
    await assert.doesNotReject(firstChangeable(join(folder, 'circle')));
    await assert.rejects(firstChangeable(join(folder, 'circle', 'module.so')), /ELOOP/);
  });
});
