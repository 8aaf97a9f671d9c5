/** A card's containers and certificate stores through Windows' Base Smart Card Crypto Provider. */
import type { Say } from '../helper/task.js';
import type { Crypt32 } from '../native/crypt32.js';
import { hex } from '../text.js';
import { type Attempt, attempting } from './attempt.js';
import { distinctNames, qualified } from './container-names.js';
import type { CryptoApi, Handle } from './cryptoapi.js';
import { type ContainerMessage, longestCertificate, longestKeyBlob, longestName } from './messages.js';
import { ifThere } from './provider-error.js';
import { readStores } from './stores.js';

/** wincrypt.h, AT_KEYEXCHANGE and AT_SIGNATURE. */
const keySpecs = [1, 2] as const;
const guidBytes = 16;

/** Says each container's keys of the card in a reader; what can't be read of one is a problem. @throws ProviderError */
export function readCspContainers(api: CryptoApi, readerName: string, say: Say): void {
  const attempt = attempting(say);
  for (const name of containerNames(api, readerName)) {
    const context = attempt(name, () => api.acquire(qualified(readerName, name), 'Container'));
    if (context === null) continue;
    try {
      for (const message of readContainer(api, context, name, attempt)) say(message);
    } finally {
      api.release(context);
    }
  }
}

/** Says what is in the provider's stores of the card in a reader; what can't be read is a problem. @throws ProviderError */
export function readCspStores(api: CryptoApi, crypt32: Crypt32, readerName: string, say: Say): void {
  const context = api.acquire(qualified(readerName), 'Enumerate');
  try {
    readStores(crypt32, (name) => api.certificateStore(context, name), say);
  } finally {
    api.release(context);
  }
}

function containerNames(api: CryptoApi, readerName: string): ReadonlySet<string> {
  const context = api.acquire(qualified(readerName), 'Enumerate');
  try {
    return distinctNames(api.containerNames(context, longestName));
  } finally {
    api.release(context);
  }
}

function* readContainer(
  api: CryptoApi,
  context: Handle,
  name: string,
  attempt: Attempt,
): Generator<ContainerMessage> {
  const guid = attempt(name, () => ifThere(() => api.cardGuid(context)));
  const cardId = guid?.length === guidBytes ? hex(guid) : null;
  for (const keySpec of keySpecs) {
    const key = attempt(name, () => ifThere(() => api.userKey(context, keySpec)));
    if (key === null) continue;
    try {
      yield {
        ...{ kind: 'Container', container: name, keySpec, cardId },
        ...readKey(api, key, name, attempt),
      };
    } finally {
      api.destroyKey(key);
    }
  }
}

function readKey(
  api: CryptoApi,
  key: Handle,
  name: string,
  attempt: Attempt,
): Pick<ContainerMessage, 'certificate' | 'keyBlob'> {
  const certificate = attempt(name, () => ifThere(() => api.certificate(key, longestCertificate)));
  if (certificate !== null && certificate.length > 0)
    return { certificate: Buffer.from(certificate).toString('base64'), keyBlob: null };
  const blob = attempt(name, () => ifThere(() => api.publicKey(key, longestKeyBlob)));
  return { certificate: null, keyBlob: blob === null ? null : Buffer.from(blob).toString('base64') };
}
