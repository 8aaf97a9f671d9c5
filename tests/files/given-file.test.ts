import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readCertificateFile, readManagementKeyFile } from '../../engine/files/given-file.js';

describe('a file that a person names', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-given-'));
  });
  after(() => rm(folder, { recursive: true }));

  const write = async (name: string, size: number, mode: number): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, new Uint8Array(size).fill(0x31));
    await chmod(path, mode);
    return path;
  };

  test('is read as a whole, up to its bound', async () => {
    const path = await write('whole', 128 * 1024, 0o644);
    assert.equal((await readCertificateFile(path)).length, 128 * 1024);
    await assert.rejects(readCertificateFile(await write('large', 128 * 1024 + 1, 0o644)), {
      id: 'CertificateFileUnreadable',
    });
  });

  test('that is not there, a folder or a pipe is an error at once', async () => {
    await mkdir(join(folder, 'folder'));
    const names = ['missing', 'folder'];
    if (process.platform !== 'win32') {
      spawnSync('mkfifo', [join(folder, 'pipe')]);
      names.push('pipe');
    }
    for (const name of names) {
      await assert.rejects(readCertificateFile(join(folder, name)), { id: 'CertificateFileUnreadable' });
      await assert.rejects(readManagementKeyFile(join(folder, name)), { id: 'ManagementKeyInvalid' });
    }
  });

  const skip = process.platform === 'win32' && 'it is made with mode bits';

  test('and holds a management key is read only if nobody else can read or change it', { skip }, async () => {
    assert.equal((await readManagementKeyFile(await write('own', 48, 0o600))).length, 48);
    for (const mode of [0o644, 0o640, 0o602]) {
      const path = await write(`open-${mode.toString(8)}`, 48, mode);
      await assert.rejects(readManagementKeyFile(path), { id: 'ManagementKeyNotTrusted' });
    }
    await assert.rejects(readManagementKeyFile(await write('long', 1025, 0o600)), {
      id: 'ManagementKeyInvalid',
    });
  });
});
