import { join } from 'node:path';
import { CertPropError } from '../errors.js';
import { profileStore } from './profile.js';
import type { CertificateStore } from './store.js';

/**
 * Opens a store in the on-disk layout of Windows.
 * @param storePath the folder that holds SystemCertificates; null for the user's own, which only Windows has
 * @throws CertPropError StorePathRequired, StoreNameInvalid
 */
export function openStore(storePath: string | null, storeName: string): CertificateStore {
  return profileStore(storePath ?? userStorePath(), storeName);
}

function userStorePath(): string {
  const appData = process.env.APPDATA;
  if (process.platform === 'win32' && appData !== undefined && appData !== '')
    return join(appData, 'Microsoft');
  throw new CertPropError(
    'StorePathRequired',
    'This system has no Personal store of Windows. Name the folder that holds SystemCertificates with -StorePath.',
  );
}
