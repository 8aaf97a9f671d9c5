import type { Backup } from '../backup/backup.js';
import type { Parameters } from './contract.js';
import type { World } from './world.js';

type WantedBackup = NonNullable<Parameters<'removal/plan'>['backup']>;

/** The backups of the runs at work. Only the newest few are kept: a run whose own is forgotten begins another. */
export class Backups {
  readonly #newBackup: World['newBackup'];
  readonly #backups = new Map<string, Backup>();

  constructor(newBackup: World['newBackup']) {
    this.#newBackup = newBackup;
  }

  /** @throws CertPropError BackupNotTrusted, BackupFailed */
  async of({ folder, run }: WantedBackup): Promise<Backup> {
    const key = JSON.stringify([folder, run]);
    const backup = this.#backups.get(key) ?? (await this.#newBackup(folder));
    this.#backups.set(key, backup);
    const oldest = this.#backups.keys().next().value;
    if (this.#backups.size > maxBackups && oldest !== undefined) this.#backups.delete(oldest);
    return backup;
  }
}

const maxBackups = 16;
