/** Which stores a propagation uses, from the place that was named. */
import type { AuthorityStore } from '../propagation/authorities.js';
import type { Destination } from '../propagation/placement.js';
import { authorityStores, type PropagationStores } from '../propagation/propagate.js';
import type { StorePlace } from '../store/place.js';
import type { World } from './world.js';

type AuthorityDestination = Exclude<Destination, 'Personal'>;

/** Roots are the machine's business on Windows; a folder holds all of its own. Null: .NET has no such stores. */
export function authorityPlace(place: StorePlace, destination: AuthorityDestination): StorePlace | null {
  if (place.kind === 'DotNet') return null;
  return place.kind === 'System' && destination === 'Root' ? { ...place, location: 'LocalMachine' } : place;
}

/** Opens the Personal store, and the others when they are needed. */
export async function openStores(
  world: Pick<World, 'openStore' | 'isElevated'>,
  place: StorePlace,
  storeName: string,
): Promise<PropagationStores> {
  const personal = await world.openStore(place, storeName);
  const opened = new Map<AuthorityDestination, Promise<AuthorityStore>>();
  return {
    personal,
    request: personal.keepsProperties ? await world.openStore(place, 'Request') : null,
    open(destination) {
      const store = opened.get(destination) ?? openAuthorityStore(world, place, destination);
      opened.set(destination, store);
      return store;
    },
  };
}

export async function openAuthorityStore(
  world: Pick<World, 'openStore' | 'isElevated'>,
  place: StorePlace,
  destination: AuthorityDestination,
): Promise<AuthorityStore> {
  const own = authorityPlace(place, destination);
  if (own === null) throw new TypeError(`There is no store for ${destination} in ${place.kind}`);
  const isSystems = own.kind === 'System' && own.location === 'LocalMachine';
  return {
    store: await world.openStore(own, authorityStores[destination]),
    isMachines: destination === 'Root',
    mayWrite: !isSystems || (await world.isElevated()),
  };
}
