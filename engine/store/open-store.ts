import { CertPropError } from '../errors.js';
import { dotnetStore } from './dotnet.js';
import type { StorePlace } from './place.js';
import { profileStore } from './profile.js';
import type { CertificateStore } from './store.js';
import { windowsStore } from './windows.js';

/**
 * Opens a store.
 * @throws CertPropError StorePathRequired where this system has no stores of Windows, StoreNameInvalid, StoreUnavailable,
 * DotNetUnavailable
 */
export async function openStore(place: StorePlace, storeName: string): Promise<CertificateStore> {
  switch (place.kind) {
    case 'Folder':
      return profileStore(place.path, storeName);
    case 'System':
      if (process.platform !== 'win32') throw noSystemStores();
      return windowsStore(place.location, storeName);
    case 'DotNet':
      return dotnetStore(place.location, storeName);
  }
}

function noSystemStores(): CertPropError {
  return new CertPropError(
    'StorePathRequired',
    'This system has no certificate stores of Windows. Name the folder that holds SystemCertificates with -StorePath.',
  );
}
