/** Stores in which propagated certificates are looked for, and whose they are. */
import type { StorePlace } from '../store/place.js';
import type { CertificateStore } from '../store/store.js';
import { visible } from '../text.js';

export interface StoreOwner {
  /** The root of the user's profile in which the store lies; null for a store that was named by itself. */
  readonly profilePath: string | null;
  /** Null where nobody says whose it is. */
  readonly userName: string | null;
}

export interface OwnedStore {
  readonly store: CertificateStore;
  readonly owner: StoreOwner;
}

/** A signed-in user's part of the registry, HKEY_USERS\<SID>. */
export interface HivePlace {
  readonly kind: 'Hive';
  readonly sid: string;
}

export interface FoundStore extends OwnedStore {
  /** Null in a profile's folder. */
  readonly place: StorePlace | HivePlace | null;
}

/** A store that was named by itself, of nobody in particular. */
export function storeOfNobody(store: CertificateStore): OwnedStore {
  return { store, owner: { profilePath: null, userName: null } };
}

/** Which store it is, for a sentence; safe to show. */
export function storeTitle({ store, owner }: OwnedStore): string {
  return owner.profilePath === null ? store.name : `${store.name} in ${visible(owner.profilePath)}`;
}

/**
 * Whether a certificate is another person's: the user part of its UPN is not the owner's user name, upper and lower case being the
 * same. Null where one of them is not known.
 */
export function isForeign(upn: string | null, { userName }: StoreOwner): boolean | null {
  if (upn === null || userName === null) return null;
  const at = upn.lastIndexOf('@');
  const user = (at < 0 ? upn : upn.slice(0, at)).toLowerCase();
  const [domain = ''] = upn.slice(user.length + 1).split('.', 1);
  const folder = userName.toLowerCase().replace(anotherFolder, '');
  // With the domain where another user had that folder first (`jane.CONTOSO`).
  return folder !== user && folder !== `${user}.${domain.toLowerCase()}`;
}

/** What Windows adds for a second folder of one user (`.000`), or for the profile of another version (`.V6`). */
const anotherFolder = /\.(?:\d{3}|v\d)$/u;
