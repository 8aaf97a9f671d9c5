/** How this system's files are reached under guard. */
import { notSupported, type OpenRoot } from './held-folder.js';

/** @throws CertPropError ProfilesUnavailable */
export async function systemRoots(): Promise<OpenRoot> {
  switch (process.platform) {
    case 'linux':
      return (await import('./held-folder-linux.js')).openLinuxRoot;
    default:
      throw notSupported(`${process.platform} gives no way to hold a folder and name what is below it`);
  }
}
