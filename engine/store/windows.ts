/**
 * Windows' own certificate stores, through crypt32. What is read and written are serialized elements
 * (CertSerializeCertificateStoreElement, CertAddSerializedElementToStore), so every property goes through as it is, unknown ones too.
 */
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import { addDisposition, type Handle } from '../native/crypt32.js';
import { hex } from '../text.js';
import { loadCrypt32 } from './crypt32.js';
import { resolve } from './disposition.js';
import type { StoreLocation } from './place.js';
import { propertyId } from './property-id.js';
import { encodeElement, maxElementBytes } from './serialized.js';
import { checkStoreName } from './store-name.js';
import {
  isCorrupt,
  type AddDisposition,
  type AddOutcome,
  type CertificateStore,
  type CorruptEntry,
  type DecideProperties,
  type Properties,
  type StoreEntry,
} from './store.js';
import { loadDamagedEntries, type DamagedEntries } from './windows-damaged.js';
import { entryOf } from './windows-entry.js';
import { storeFailure } from './windows-error.js';
import { reading, writing, type WindowsPlace } from './windows-open.js';

/**
 * Opens a store of Windows by its location and name (`My`, `Request`, `Root`, `CA`, `SmartCardRoot` or any other); archived
 * certificates are among its entries. Only the location's own certificates are seen and changed, not what it inherits.
 *
 * crypt32 has no lock that holds over several calls. So all calls of one change are made in one synchronous stretch: looking what is
 * there, deciding and writing are as near to each other as they can be. Adding to the current user's Root and removing from it makes
 * Windows ask the user, and everything waits for the answer.
 * @throws CertPropError StoreNameInvalid
 */
export async function windowsStore(location: StoreLocation, name: string): Promise<CertificateStore> {
  checkStoreName(name);
  return crypt32Store({
    crypt32: await loadCrypt32(),
    damaged: await loadDamagedEntries(),
    location,
    name,
  });
}

interface Place extends WindowsPlace {
  readonly damaged: DamagedEntries;
}

/** The same over the functions given. */
export function crypt32Store(place: Place): CertificateStore {
  return {
    name: place.name,
    keepsProperties: true,
    entries: () => entries(place),
    find: (thumbprint) => find(place, thumbprint.toUpperCase()),
    async add(certificate, properties, disposition) {
      if (disposition !== 'Always') await find(place, thumbprintOf(certificate));
      return add(place, certificate, properties, disposition);
    },
    async remove(thumbprint, stillWanted) {
      // Who removes nothing needs no right to change the store.
      if ((await find(place, thumbprint.toUpperCase())) === null) return false;
      return remove(place, thumbprint.toUpperCase(), stillWanted);
    },
  };
}

/** All are read before the first is given, so that nothing of crypt32's is held meanwhile. */
async function* entries(place: Place): AsyncIterable<StoreEntry | CorruptEntry> {
  const seen = reading(place, [], (store) => readAll(place, store));
  yield* seen;
  const names = new Set(seen.map((entry) => (isCorrupt(entry) ? entry.name : entry.thumbprint)));
  for (const entry of await place.damaged.list(place)) {
    if (!names.has(entry.name.toUpperCase())) yield entry;
  }
}

async function find(place: Place, thumbprint: string): Promise<StoreEntry | null> {
  if (!/^[0-9A-F]{40}$/u.test(thumbprint)) return null;
  const entry = reading(place, null, (store) => findIn(place, store, thumbprint));
  if (entry === null) await place.damaged.check(place, thumbprint);
  return entry;
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

function add(
  place: WindowsPlace,
  certificate: Uint8Array,
  properties: Properties | DecideProperties,
  disposition: AddDisposition,
): AddOutcome {
  const thumbprint = thumbprintOf(certificate);
  return writing(place, (store) => {
    const isThere = holds(place, store, thumbprint);
    const existing = disposition === 'Always' ? null : findIn(place, store, thumbprint);
    const resolution = resolve(existing, certificate, properties, disposition);
    if (resolution === null) return 'Unchanged';
    const element = encodeElement(certificate, keyLinkLast(resolution.properties));
    // Where nothing is to be replaced nothing may be: which certificates are the same to crypt32 is not documented, and two with
    // one issuer and serial number may be.
    const how = isThere ? addDisposition.replaceExisting : addDisposition.always;
    if (!place.crypt32.addSerialized(store, element, how)) throw changeFailure(place, thumbprint);
    commit(place, store, thumbprint);
    return isThere ? 'Replaced' : 'Added';
  });
}

/**
 * Their order means nothing to Windows. Wine 8 goes on with the shorter buffer of a serialized key link as if it had its former length, so
 * a property after it may be written past the end.
 */
function keyLinkLast(properties: Properties): Properties {
  const isLink = ([id]: readonly [number, Uint8Array]): boolean => id === propertyId.keyProvInfo;
  return new Map([...properties].sort((a, b) => Number(isLink(a)) - Number(isLink(b))));
}

function remove(
  place: WindowsPlace,
  thumbprint: string,
  stillWanted: (entry: StoreEntry) => boolean,
): boolean {
  return writing(place, (store) => {
    const entry = findIn(place, store, thumbprint);
    if (entry === null || !stillWanted(entry)) return false;
    const certificate = place.crypt32.findBySha1(store, Buffer.from(thumbprint, 'hex'));
    if (certificate === null) return false;
    if (!place.crypt32.deleteCertificate(certificate)) throw changeFailure(place, thumbprint);
    commit(place, store, thumbprint);
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
  const certificate = crypt32.findBySha1(store, Buffer.from(thumbprint, 'hex'));
  if (certificate === null) return absent;
  try {
    return work(certificate);
  } finally {
    crypt32.freeCertificate(certificate);
  }
}

function readEntry(place: WindowsPlace, certificate: Handle, thumbprint: string): StoreEntry {
  const element = place.crypt32.serialize(certificate, maxElementBytes);
  if (element === null) throw storeFailure(place, 'read', place.crypt32.lastError(), thumbprint);
  return entryOf(place, thumbprint, element);
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
