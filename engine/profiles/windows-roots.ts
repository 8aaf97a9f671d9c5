/** Profile roots on Windows. */
import { loadNtdll } from '../native/ntdll.js';
import { loadRestorePrivilege } from '../native/restore-privilege.js';
import { onPath } from './held-file-windows.js';
import { type HeldFolder, linkRefused, type OpenRoot, using } from './held-folder.js';
import { entered, type WindowsSystem } from './held-folder-windows.js';
import { isProfileVolume, ntPath } from './nt-path.js';
import { ntStatus, statusError } from './nt-status.js';
import { WindowsFiles } from './windows-files.js';
import { failure, hold } from './windows-held.js';
import { toHold } from './windows-requests.js';

export async function windowsRoots(): Promise<OpenRoot> {
  const files = new WindowsFiles(await loadNtdll());
  return rootsOf({ files, withRestore: await loadRestorePrivilege() });
}

export function rootsOf(system: WindowsSystem): OpenRoot {
  return (path) => onPath(path, () => openRoot(system, path));
}

/** A root that is a volume's mount point is entered by the volume's own name: the way there is not walked again. */
function openRoot(system: WindowsSystem, path: string): HeldFolder {
  const native = ntPath(path);
  if (native === null) throw statusError(ntStatus.pathSyntaxBad);
  const root = hold(system.files, null, native, toHold);
  if (typeof root === 'number') throw failure(root, path);
  if (root.facts.kind !== 'Link') return entered(system, root, path, null);
  const leadsTo = using({ close: () => system.files.close(root.handle) }, () =>
    system.files.mountPoint(root.handle),
  );
  if (leadsTo === null || !isProfileVolume(leadsTo)) throw linkRefused(path, 'a link');
  const volume = hold(system.files, null, leadsTo, toHold);
  if (typeof volume === 'number') throw failure(volume, path);
  return entered(system, volume, path, null);
}
