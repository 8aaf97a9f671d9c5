import { CertPropError } from '../errors.js';
import type { StorePlace } from './place.js';
import { profileStore } from './profile.js';
import type { CertificateStore } from './store.js';

/**
 * Opens a store.
 * @throws CertPropError StorePathRequired where this system has no stores of Windows, StoreNameInvalid, StoreUnavailable
 */
export function openStore(place: StorePlace, storeName: string): Promise<CertificateStore> {
  switch (place.kind) {
    case 'Folder':
      return Promise.resolve(profileStore(place.path, storeName));
    case 'System':
    case 'DotNet':
      throw noSystemStores();
  }
}

function noSystemStores(): CertPropError {
  return new CertPropError(
    'StorePathRequired',
    'This system has no certificate stores of Windows. Name the folder that holds SystemCertificates with -StorePath.',
  );
}
