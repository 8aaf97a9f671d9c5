import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { keepCardCertificate } from '../../engine/backup/card-certificate.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { rsaCertificate } from '../card/fixtures.js';

test('a certificate that a card loses is kept in a file of its own, each time a new one, in a private folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'certprop-kept-'));
  const backups = join(folder, 'backups');
  const path = await keepCardCertificate(backups, rsaCertificate, 0);
  assert.deepEqual(Uint8Array.from(await readFile(path)), rsaCertificate);
  assert.match(basename(path), /^19700101T000000Z-[0-9a-f]{8}-card-[0-9A-F]{40}\.cer$/u);
  assert.ok(path.includes(thumbprintOf(rsaCertificate)));
  assert.notEqual(await keepCardCertificate(backups, rsaCertificate, 0), path);
  if (process.platform !== 'win32') {
    assert.equal((await stat(backups)).mode & 0o777, 0o700);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await chmod(backups, 0o777);
    await assert.rejects(keepCardCertificate(backups, rsaCertificate, 0), { id: 'BackupNotTrusted' });
  }
  await rm(folder, { recursive: true });
});
