/** A provider's own certificate stores, whose certificates carry properties that no file on a card holds. */
import type { Say } from '../helper/task.js';
import type { Crypt32, Handle } from '../native/crypt32.js';
import { attempt } from './attempt.js';
import { longestElement, mostStored, type StoredMessage, storeNames, type StoreName } from './messages.js';
import { ifThere, ProviderError } from './provider-error.js';

/** What of crypt32 is used here. */
export type StoreFunctions = Pick<
  Crypt32,
  'nextCertificate' | 'freeCertificate' | 'serialize' | 'closeStore' | 'lastError'
>;

/** Says what is in each of the stores; what can't be read is a problem. @param open gives a store that is closed here */
export function readStores(crypt32: StoreFunctions, open: (name: StoreName) => Handle, say: Say): void {
  for (const name of storeNames) {
    attempt(say, `its ${name} certificate store`, () => {
      const store = ifThere(() => open(name));
      if (store !== null) readStore(crypt32, store, name, say);
    });
  }
}

function readStore(crypt32: StoreFunctions, store: Handle, name: StoreName, say: Say): void {
  try {
    let count = 0;
    for (const certificate of certificatesIn(crypt32, store)) {
      if (++count > mostStored) throw new ProviderError(`claims more than ${mostStored} certificates`);
      const what = `a certificate of its ${name} certificate store`;
      const message = attempt(say, what, () => storedMessage(crypt32, certificate, name));
      if (message !== null) say(message);
    }
  } finally {
    crypt32.closeStore(store);
  }
}

/** Each is freed before the next one. */
function* certificatesIn(crypt32: StoreFunctions, store: Handle): Generator<Handle> {
  let certificate = crypt32.nextCertificate(store, null);
  try {
    while (certificate !== null) {
      yield certificate;
      certificate = crypt32.nextCertificate(store, certificate);
    }
  } finally {
    if (certificate !== null) crypt32.freeCertificate(certificate);
  }
}

function storedMessage(crypt32: StoreFunctions, certificate: Handle, store: StoreName): StoredMessage {
  const element = crypt32.serialize(certificate, longestElement);
  if (element === null)
    throw ProviderError.ofFunction('CertSerializeCertificateStoreElement', crypt32.lastError());
  if (element === 'tooLarge') throw new ProviderError(`gives more than ${longestElement} bytes`);
  return { kind: 'StoreCertificate', store, element: Buffer.from(element).toString('base64') };
}
