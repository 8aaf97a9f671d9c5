/** A card's containers and certificate stores through Windows' smart card key storage provider. */
import { smartCardKsp } from '../certificate/key-link.js';
import type { Say } from '../helper/task.js';
import type { Crypt32 } from '../native/crypt32.js';
import { hex } from '../text.js';
import { distinctNames, qualified } from './container-names.js';
import { attempting, type Attempt } from './attempt.js';
import { type ContainerMessage, longestCertificate, longestKeyBlob, longestName } from './messages.js';
import type { Handle, Ncrypt } from './ncrypt.js';
import { ifThere } from './provider-error.js';
import { readStores } from './stores.js';

const guidBytes = 16;

/** Properties of ncrypt.h. */
const certificateProperty = 'SmartCardKeyCertificate';
const readerProperty = 'SmartCardReader';
const guidProperty = 'SmartCardGuid';
/** Blob types of bcrypt.h: BCRYPT_RSAPUBLIC_BLOB, BCRYPT_ECCPUBLIC_BLOB. */
const rsaBlob = 'RSAPUBLICBLOB';
const eccBlob = 'ECCPUBLICBLOB';

/** Says each container of the card in a reader; what can't be read of one is a problem. @throws ProviderError */
export function readKspContainers(ncrypt: Ncrypt, readerName: string, say: Say): void {
  const attempt = attempting(say);
  const provider = ncrypt.openProvider(smartCardKsp);
  try {
    for (const name of distinctNames(ncrypt.keyNames(provider, qualified(readerName)))) {
      const key = attempt(name, () => ncrypt.openKey(provider, qualified(readerName, name)));
      if (key === null) continue;
      try {
        if (isOfReader(ncrypt, key, readerName, name, attempt)) say(readKey(ncrypt, key, name, attempt));
      } finally {
        ncrypt.free(key);
      }
    }
  } finally {
    ncrypt.free(provider);
  }
}

/**
 * Says what is in the provider's stores of the card in a reader; what can't be read is a problem. A provider that can't be limited to
 * the reader would mix in what is on the cards of others, trusted roots among it: then its stores are left alone, and the Base CSP's,
 * which are a reader's own, are all there is. @throws ProviderError
 */
export function readKspStores(ncrypt: Ncrypt, crypt32: Crypt32, readerName: string, say: Say): void {
  const provider = ncrypt.openProvider(smartCardKsp);
  try {
    if (ncrypt.limitToReader(provider, readerName))
      readStores(crypt32, (name) => ncrypt.certificateStore(provider, name), say);
  } finally {
    ncrypt.free(provider);
  }
}

/** By its documentation, enumeration may ignore the reader. */
function isOfReader(
  ncrypt: Ncrypt,
  key: Handle,
  readerName: string,
  name: string,
  attempt: Attempt,
): boolean {
  const value = attempt(name, () => ifThere(() => ncrypt.property(key, readerProperty, 2 * longestName)));
  if (value === null) return true;
  const [text = ''] = Buffer.from(value).toString('utf16le').split('\0', 1);
  return text.toLowerCase() === readerName.toLowerCase();
}

function readKey(ncrypt: Ncrypt, key: Handle, name: string, attempt: Attempt): ContainerMessage {
  const value = (property: string, mostBytes: number) =>
    attempt(name, () => ifThere(() => ncrypt.property(key, property, mostBytes)));
  const certificate = value(certificateProperty, longestCertificate);
  const guid = value(guidProperty, guidBytes);
  const hasCertificate = certificate !== null && certificate.length > 0;
  const keyBlob = hasCertificate ? null : attempt(name, () => publicKey(ncrypt, key));
  return {
    ...{ kind: 'Container', container: name, keySpec: 0 },
    cardId: guid?.length === guidBytes ? hex(guid) : null,
    certificate: hasCertificate ? Buffer.from(certificate).toString('base64') : null,
    keyBlob: keyBlob === null ? null : Buffer.from(keyBlob).toString('base64'),
  };
}

function publicKey(ncrypt: Ncrypt, key: Handle): Uint8Array | null {
  return (
    ifThere(() => ncrypt.exportKey(key, rsaBlob, longestKeyBlob)) ??
    ifThere(() => ncrypt.exportKey(key, eccBlob, longestKeyBlob))
  );
}
