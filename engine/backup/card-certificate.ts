/** Certificates that cards are about to lose: a file with the DER each, in the private folder of backups. */
import { createHash, randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isElevated } from '../files/elevation.js';
import { syncFolder } from '../store/atomic-file.js';
import { defaultBackupFolder, makePrivate, writeFailed } from './folder.js';

/**
 * Writes the certificate and resolves to its path when it is on disk. The name has the time (UTC) and the thumbprint.
 * @param named the folder, a full path; null: the default
 * @param now milliseconds since 1970-01-01T00:00:00Z
 * @throws CertPropError BackupNotTrusted, BackupFailed
 */
export async function keepCardCertificate(
  named: string | null,
  certificate: Uint8Array,
  now: number,
): Promise<string> {
  const folder = named ?? defaultBackupFolder(await isElevated());
  await makePrivate(folder);
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/gu, '');
  const thumbprint = createHash('sha1').update(certificate).digest('hex').toUpperCase();
  const path = join(folder, `${time}-${randomBytes(4).toString('hex')}-card-${thumbprint}.cer`);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(certificate);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(folder);
  } catch (error) {
    throw writeFailed(path, error);
  }
  return path;
}
