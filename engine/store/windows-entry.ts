import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { decodeElement, maxElementBytes } from './serialized.js';
import type { StoreEntry } from './store.js';
import { shown, type StoreIdentity } from './windows-error.js';

/**
 * The entry that a serialized element is.
 * @param element `tooLarge` for one of more than maxElementBytes
 * @throws CertPropError MalformedStoreElement with the thumbprint
 */
export function entryOf(
  store: StoreIdentity,
  thumbprint: string,
  element: Uint8Array | 'tooLarge',
): StoreEntry {
  if (element === 'tooLarge') throw damaged(store, thumbprint, `it has more than ${maxElementBytes} bytes`);
  const { certificate, properties } = decode(store, thumbprint, element);
  if (thumbprintOf(certificate) !== thumbprint) {
    throw damaged(store, thumbprint, 'its certificate has another thumbprint');
  }
  return { thumbprint, certificate, properties };
}

function decode(
  store: StoreIdentity,
  thumbprint: string,
  element: Uint8Array,
): ReturnType<typeof decodeElement> {
  try {
    return decodeElement(element);
  } catch (error) {
    if (error instanceof CertPropError) {
      throw damaged(store, thumbprint, error.message.replace(/\.$/u, ''), error);
    }
    throw error;
  }
}

function damaged(
  store: StoreIdentity,
  thumbprint: string,
  problem: string,
  cause?: CertPropError,
): CertPropError {
  return new CertPropError(
    'MalformedStoreElement',
    `The entry ${thumbprint} of the store ${shown(store)} is damaged: ${problem}. Remove it and run it again.`,
    { thumbprint },
    cause === undefined ? {} : { cause },
  );
}
