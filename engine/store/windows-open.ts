/** Opening a store of Windows so that only the location's own certificates are seen and changed. */
import { openFlag, storeProvider, type Crypt32, type Handle } from '../native/crypt32.js';
import type { StoreLocation } from './place.js';
import { isDenied, isMissing, storeFailure, storeNotFound, type StoreIdentity } from './windows-error.js';

export interface WindowsPlace extends StoreIdentity {
  readonly crypt32: Crypt32;
}

/**
 * Opens the store for reading, does `work` and closes it.
 * `absent`: the answer for one of Windows' own stores that nobody has used yet.
 * @throws CertPropError StoreNotFound, StoreAccessDenied, StoreLocked, StoreUnavailable
 */
export function reading<T>(place: WindowsPlace, absent: T, work: (store: Handle) => T): T {
  const store = open(place, openFlag.openExisting | openFlag.readOnly);
  return store === null ? absent : closing(place, store, work);
}

/**
 * Opens the store for changes, does `work` and closes it. One of Windows' own stores is made if need be.
 * @throws CertPropError StoreNotFound, StoreAccessDenied, StoreLocked, StoreUnavailable
 */
export function writing<T>(place: WindowsPlace, work: (store: Handle) => T): T {
  const store = open(place, openFlag.openExisting) ?? open(place, 0);
  if (store === null) throw storeNotFound(place);
  return closing(place, store, work);
}

function closing<T>({ crypt32 }: WindowsPlace, store: Handle, work: (store: Handle) => T): T {
  try {
    return work(store);
  } finally {
    crypt32.closeStore(store);
  }
}

/**
 * Null when one of Windows' own stores does not exist.
 *
 * A system store is a collection: the current user's Root and CA hold the local machine's certificates too (Microsoft, "System Store
 * Locations"). Its member `.Default` is the location's own (CertOpenStore, CERT_STORE_PROV_PHYSICAL_W). The second provider opens the
 * same as one physical store ("System Certificate Stores as Logical Stores"), for a crypt32 that has no physical stores (Wine's).
 */
function open(place: WindowsPlace, flags: number): Handle | null {
  const { crypt32, location, name } = place;
  const all = flags | locationFlag[location] | openFlag.enumArchived;
  const physical = crypt32.openStore(storeProvider.physical, all, `${name}\\.Default`);
  if (physical !== null) return physical;
  if (isDenied(crypt32.lastError())) throw storeFailure(place, 'opened', crypt32.lastError());
  const registry = crypt32.openStore(storeProvider.systemRegistry, all, name);
  if (registry !== null) return registry;
  const code = crypt32.lastError();
  if (!isMissing(code)) throw storeFailure(place, 'opened', code);
  if (!isWindowsOwn(name)) throw storeNotFound(place);
  return null;
}

const locationFlag: Readonly<Record<StoreLocation, number>> = {
  CurrentUser: openFlag.currentUser,
  LocalMachine: openFlag.localMachine,
};

/**
 * The stores that every Windows has, even if nothing is in them yet ("System Store Locations"; .NET's StoreName), those of certificate
 * requests and of smart cards' roots. Any other name may be mistyped: it must exist.
 */
const windowsOwn: ReadonlySet<string> = new Set(
  [
    'My',
    'Root',
    'CA',
    'Trust',
    'Request',
    'SmartCardRoot',
    'AddressBook',
    'AuthRoot',
    'Disallowed',
    'TrustedPeople',
    'TrustedPublisher',
  ].map((name) => name.toLowerCase()),
);

function isWindowsOwn(name: string): boolean {
  return windowsOwn.has(name.toLowerCase());
}
