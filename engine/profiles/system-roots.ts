/** How this system's files are reached under guard. */
import { loadLinuxCalls } from '../native/linux-calls.js';
import { notSupported, type OpenRoot } from './held-folder.js';

let loading: Promise<OpenRoot> | undefined;

/** @throws CertPropError ProfilesUnavailable */
export function systemRoots(): Promise<OpenRoot> {
  loading ??= load();
  return loading;
}

async function load(): Promise<OpenRoot> {
  switch (process.platform) {
    case 'linux':
      return (await import('./held-folder-linux.js')).linuxRoots(await loadLinuxCalls());
    case 'win32':
      return (await import('./windows-roots.js')).windowsRoots();
    default:
      throw notSupported(`${process.platform} gives no way to hold a folder and name what is below it`);
  }
}
