/**
 * Run by node.exe under Wine: removes what came from cards with a backup, and puts it back. Arguments: the folder of the profiles, the
 * backup folder, a file for the BackupReport.
 */
import { writeFileSync } from 'node:fs';
import { fileSecurity, isAdministrator, ownSid } from '../../engine/files/file-trust-windows.js';
import { isChangeableByOthers } from '../../engine/files/security-descriptor.js';
import { CertPropError } from '../../engine/errors.js';
import { profilesIn, remove, restore, runOf, said } from '../backup/bed.js';

export interface BackupReport {
  readonly isAdministrator: boolean;
  readonly sid: string;
  /** Null where the backup folder was refused. */
  readonly done: {
    readonly removed: readonly string[];
    readonly restored: readonly string[];
    readonly problems: readonly string[];
    /** The backup folder's access list lets somebody else change it. */
    readonly isChangeable: boolean;
  } | null;
}

async function removeAndRestore(profiles: string, backup: string): Promise<BackupReport['done']> {
  try {
    const removed = await remove(profilesIn(profiles), backup);
    const restored = await restore(runOf(removed), profilesIn(profiles));
    const security = (await fileSecurity())(backup);
    return {
      removed: said(removed),
      restored: said(restored),
      problems: [...removed.problems, ...restored.problems],
      isChangeable: isChangeableByOthers(security, false, await ownSid()),
    };
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'BackupNotTrusted') return null;
    throw error;
  }
}

async function main(): Promise<void> {
  const [profiles = '', backup = '', reportFile = ''] = process.argv.slice(2);
  const report: BackupReport = {
    isAdministrator: await isAdministrator(),
    sid: await ownSid(),
    done: await removeAndRestore(profiles, backup),
  };
  writeFileSync(reportFile, JSON.stringify(report));
}

void main();
