/** What the stores hold, for a diagnosis. */
import type { StoreFacts, StoredAuthority } from '../diagnosis/facts.js';
import { readCertificateOrNull } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { StoredCertificate } from '../propagation/stored-certificate.js';
import type { StorePlace } from '../store/place.js';
import { isCorrupt } from '../store/store.js';
import { visible } from '../text.js';
import type { Parameters } from './contract.js';
import type { World } from './world.js';

type StoreWanted = Pick<Parameters<'propagation/test'>, 'storePlace' | 'storeName'>;

/** @throws CertPropError as `World.openStore` and `CertificateStore.entries` */
export async function readStore(
  world: World,
  { storePlace, storeName }: StoreWanted,
  signal: AbortSignal,
): Promise<StoreFacts> {
  const store = await world.openStore(storePlace, storeName);
  const certificates: StoredCertificate[] = [];
  const corrupt: StoreFacts['corrupt'][number][] = [];
  for await (const entry of store.entries()) {
    signal.throwIfAborted();
    if (isCorrupt(entry)) {
      corrupt.push({ name: visible(entry.name), problem: entry.problem });
      continue;
    }
    const info = await readCertificateOrNull(entry.certificate);
    if (info === null)
      corrupt.push({ name: entry.thumbprint, problem: 'it holds no certificate that can be read.' });
    else certificates.push({ entry, info });
  }
  const userName = await ownerOf(world, storePlace);
  const scope = isMachines(storePlace) ? 'Computer' : 'User';
  const { name, keepsProperties } = store;
  return { name, keepsProperties, userName, scope, certificates, corrupt };
}

function isMachines(place: StorePlace): boolean {
  return place.kind !== 'Folder' && place.location === 'LocalMachine';
}

/** A folder says nothing of its owner. */
async function ownerOf(world: World, place: StorePlace): Promise<string | null> {
  const isOwn = place.kind !== 'Folder' && place.location === 'CurrentUser';
  return isOwn ? (await world.currentUser()).userName : null;
}

const authorityStores: readonly StoredAuthority['store'][] = ['Root', 'SmartCardRoot', 'CA'];

/** The machine's too, which a user's own store doesn't show. */
export async function readAuthorities(world: World, place: StorePlace): Promise<readonly StoredAuthority[]> {
  const authorities: StoredAuthority[] = [];
  for (const store of authorityStores) {
    for (const each of placesOf(place))
      for await (const certificate of certificatesIn(world, each, store))
        authorities.push({ store, certificate });
  }
  return authorities;
}

function placesOf(place: StorePlace): readonly StorePlace[] {
  return place.kind === 'Folder'
    ? [place]
    : [
        { kind: place.kind, location: 'CurrentUser' },
        { kind: place.kind, location: 'LocalMachine' },
      ];
}

/** .NET has no store of smart card roots, and a machine may lack others: those are empty. */
async function* certificatesIn(world: World, place: StorePlace, name: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const entry of (await world.openStore(place, name)).entries())
      if (!isCorrupt(entry)) yield entry.certificate;
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    if (error.id !== 'StoreNotFound' && error.id !== 'StoreUnavailable') throw error;
  }
}
