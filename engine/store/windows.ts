/**
 * Windows' own certificate stores, through crypt32. What is read and written are serialized elements
 * (CertSerializeCertificateStoreElement, CertAddSerializedElementToStore), so every property goes through as it is, unknown ones too.
 */
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { hex } from '../text.js';
import { addDisposition, loadCrypt32, sha1Bytes, type Crypt32, type Handle } from './crypt32.js';
import { resolve } from './disposition.js';
import type { StoreLocation } from './place.js';
import { decodeElement, encodeElement, maxElementBytes } from './serialized.js';
import { checkStoreName } from './store-name.js';
import type {
  AddDisposition,
  AddOutcome,
  CertificateStore,
  CorruptEntry,
  Properties,
  StoreEntry,
} from './store.js';
import { shown, storeFailure } from './windows-error.js';
import { reading, writing, type WindowsPlace } from './windows-open.js';

/**
 * Opens a store of Windows by its location and name (`My`, `Request`, `Root`, `CA`, `SmartCardRoot` or any other); archived
 * certificates are among its entries. Only the location's own certificates are seen and changed, not what it inherits.
 *
 * crypt32 has no lock that holds over several calls. So all calls of one operation are made in one synchronous stretch: looking what
 * is there, deciding and writing are as near to each other as they can be. Adding to the current user's Root and removing from it makes
 * Windows ask the user, and everything waits for the answer.
 * @throws CertPropError StoreNameInvalid
 */
export async function windowsStore(location: StoreLocation, name: string): Promise<CertificateStore> {
  checkStoreName(name);
  return crypt32Store(await loadCrypt32(), location, name);
}

/** The same over the functions given. Its methods also throw CertPropError StoreNotFound. */
export function crypt32Store(crypt32: Crypt32, location: StoreLocation, name: string): CertificateStore {
  const place: WindowsPlace = { crypt32, location, name };
  return {
    name,
    keepsProperties: true,
    entries: () => entries(place),
    find: (thumbprint) => inOneStretch(() => find(place, thumbprint)),
    add: (certificate, properties, disposition) =>
      inOneStretch(() => add(place, certificate, properties, disposition)),
    remove: (thumbprint, stillWanted) => inOneStretch(() => remove(place, thumbprint, stillWanted)),
  };
}

function inOneStretch<T>(work: () => T): Promise<T> {
  return Promise.resolve().then(work);
}

/** All are read before the first is given, so that nothing of crypt32's is held meanwhile. */
async function* entries(place: WindowsPlace): AsyncIterable<StoreEntry | CorruptEntry> {
  yield* await inOneStretch(() => reading(place, [], (store) => readAll(place, store)));
}

function readAll(place: WindowsPlace, store: Handle): (StoreEntry | CorruptEntry)[] {
  const { crypt32 } = place;
  const all: (StoreEntry | CorruptEntry)[] = [];
  let certificate = crypt32.nextCertificate(store, null);
  while (certificate !== null) {
    const current = certificate;
    try {
      all.push(readOrReport(place, current));
    } catch (error) {
      crypt32.freeCertificate(current);
      throw error;
    }
    certificate = crypt32.nextCertificate(store, current);
  }
  return all;
}

function readOrReport(place: WindowsPlace, certificate: Handle): StoreEntry | CorruptEntry {
  const sha1 = place.crypt32.sha1Of(certificate);
  if (sha1 === null) throw storeFailure(place, 'read', place.crypt32.lastError());
  const name = hex(sha1);
  try {
    return readEntry(place, certificate, name);
  } catch (error) {
    if (error instanceof CertPropError) return { name, problem: error.message };
    throw error;
  }
}

function find(place: WindowsPlace, thumbprint: string): StoreEntry | null {
  return reading(place, null, (store) => findIn(place, store, thumbprint.toUpperCase()));
}

function add(
  place: WindowsPlace,
  certificate: Uint8Array,
  properties: Properties,
  disposition: AddDisposition,
): AddOutcome {
  const thumbprint = thumbprintOf(certificate);
  return writing(place, (store) => {
    const isThere = holds(place, store, thumbprint);
    const existing = disposition === 'Always' ? null : findIn(place, store, thumbprint);
    const resolution = resolve(existing, certificate, properties, disposition);
    if (resolution === null) return 'Unchanged';
    const element = encodeElement(certificate, resolution.properties);
    // Where nothing is to be replaced nothing may be: which certificates are the same to crypt32 is not documented, and two with
    // one issuer and serial number may be.
    const how = isThere ? addDisposition.replaceExisting : addDisposition.always;
    if (!place.crypt32.addSerialized(store, element, how)) throw changeFailure(place, thumbprint);
    commit(place, store, thumbprint);
    return isThere ? 'Replaced' : 'Added';
  });
}

function remove(
  place: WindowsPlace,
  thumbprint: string,
  stillWanted: (entry: StoreEntry) => boolean,
): boolean {
  // Who removes nothing needs no right to change the store.
  if (find(place, thumbprint) === null) return false;
  return writing(place, (store) => {
    const entry = findIn(place, store, thumbprint.toUpperCase());
    if (entry === null || !stillWanted(entry)) return false;
    const certificate = place.crypt32.findBySha1(store, Buffer.from(entry.thumbprint, 'hex'));
    if (certificate === null) return false;
    if (!place.crypt32.deleteCertificate(certificate)) throw changeFailure(place, entry.thumbprint);
    commit(place, store, entry.thumbprint);
    return true;
  });
}

function findIn(place: WindowsPlace, store: Handle, thumbprint: string): StoreEntry | null {
  return onCertificate(place, store, thumbprint, null, (certificate) =>
    readEntry(place, certificate, thumbprint),
  );
}

function holds(place: WindowsPlace, store: Handle, thumbprint: string): boolean {
  return onCertificate(place, store, thumbprint, false, () => true);
}

/** Does `work` with the certificate and frees it; `absent` when there is none. */
function onCertificate<T>(
  { crypt32 }: WindowsPlace,
  store: Handle,
  thumbprint: string,
  absent: T,
  work: (certificate: Handle) => T,
): T {
  const sha1 = Buffer.from(thumbprint, 'hex');
  const certificate = sha1.length === sha1Bytes ? crypt32.findBySha1(store, sha1) : null;
  if (certificate === null) return absent;
  try {
    return work(certificate);
  } finally {
    crypt32.freeCertificate(certificate);
  }
}

function readEntry(place: WindowsPlace, certificate: Handle, thumbprint: string): StoreEntry {
  const bytes = place.crypt32.serialize(certificate);
  if (bytes === null) throw storeFailure(place, 'read', place.crypt32.lastError(), thumbprint);
  if (bytes === 'tooLarge') throw damaged(place, thumbprint, `it has more than ${maxElementBytes} bytes`);
  const element = decode(place, thumbprint, bytes);
  if (thumbprintOf(element.certificate) !== thumbprint) {
    throw damaged(place, thumbprint, 'its certificate has another thumbprint');
  }
  return { thumbprint, ...element };
}

function decode(
  place: WindowsPlace,
  thumbprint: string,
  bytes: Uint8Array,
): ReturnType<typeof decodeElement> {
  try {
    return decodeElement(bytes);
  } catch (error) {
    if (error instanceof CertPropError) {
      throw damaged(place, thumbprint, error.message.replace(/\.$/u, ''), error);
    }
    throw error;
  }
}

/** winerror.h: a store that writes each change at once may have nothing to commit. */
const ERROR_NOT_SUPPORTED = 50;
const ERROR_CALL_NOT_IMPLEMENTED = 120;

function commit(place: WindowsPlace, store: Handle, thumbprint: string): void {
  if (place.crypt32.commit(store)) return;
  const code = place.crypt32.lastError();
  if (code === ERROR_NOT_SUPPORTED || code === ERROR_CALL_NOT_IMPLEMENTED) return;
  throw storeFailure(place, 'changed', code, thumbprint);
}

function changeFailure(place: WindowsPlace, thumbprint: string): CertPropError {
  return storeFailure(place, 'changed', place.crypt32.lastError(), thumbprint);
}

function damaged(
  place: WindowsPlace,
  thumbprint: string,
  problem: string,
  cause?: CertPropError,
): CertPropError {
  return new CertPropError(
    'MalformedStoreElement',
    `The certificate ${thumbprint} in the store ${shown(place)} is damaged: ${problem}. Remove it with certutil -delstore and run it again.`,
    { thumbprint },
    cause === undefined ? {} : { cause },
  );
}
