/** What a store holds of cards: each certificate with what shows it, and how it stands with its card. */
import { containerOf, readerOf } from '../certificate/key-link.js';
import type { StoreLocation } from '../store/place.js';
import { visible, visibleOrNull } from '../text.js';
import { candidates } from './candidates.js';
import type { CertificateOnCard } from './certificate-on-card.js';
import { evidenceOf, type Evidence } from './evidence.js';
import { isForeign, type FoundStore } from './found-store.js';
import { linksFor, stalenessOf } from './links.js';
import { linkOf, originOf, type Origin } from './origin.js';
import { isSelected, type Selection } from './selection.js';
import type { StoredOutline, Unreadable } from './stored-certificate.js';

/** What the readers of a session hold. */
export interface CardsSeen {
  /** By thumbprint. */
  readonly certificates: ReadonlyMap<string, readonly CertificateOnCard[]>;
  /** Every card could be read. */
  readonly complete: boolean;
}

/**
 * `Linked`: to a smart card provider. `Stale`: linked to one, but to another container, provider or key spec than the inserted card's.
 * `NoLink`. `Software`: to a key outside smart cards. `Unreadable`: there is a link that can't be read.
 */
export type LinkState = 'Linked' | 'Stale' | 'NoLink' | 'Software' | 'Unreadable';

/** Where a store lies, as users name it. */
export interface StoreAddress {
  readonly storeName: string;
  readonly storePath: string | null;
  readonly storeLocation: StoreLocation | null;
  readonly storeProvider: 'System' | 'DotNet' | null;
  readonly profilePath: string | null;
  readonly profileUser: string | null;
}

/** CertProp.PropagatedCertificate. All text is safe to show; times are milliseconds since 1970-01-01T00:00:00Z. */
export interface PropagatedCertificate extends StoreAddress {
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly upn: string | null;
  readonly evidence: Evidence | null;
  readonly linkState: LinkState;
  /** Null where not every card of the store's owner can be seen and read. */
  readonly isOnCard: boolean | null;
  readonly isExpired: boolean;
  readonly isForeignUser: boolean | null;
  /** Where it came from, as the mark says, or else the link. */
  readonly readerName: string | null;
  readonly cardId: string | null;
  readonly provider: string | null;
  readonly container: string | null;
  /** As the mark says. */
  readonly propagatedAt: number | null;
}

export interface Inventory {
  readonly selection: Selection;
  /** Asked with the first certificate that is found; null: the readers of the store's owner can't be seen. */
  readonly cards: () => Promise<CardsSeen | null>;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

/** What a store holds of what is selected, one by one. */
export async function* listStore(
  found: FoundStore,
  { selection, cards, now }: Inventory,
  unreadable: Unreadable,
  signal: AbortSignal,
): AsyncGenerator<PropagatedCertificate> {
  for await (const stored of candidates(found, selection, unreadable, signal)) {
    if (isSelected(stored, found.owner, selection))
      yield propagatedCertificate(stored, found, await cards(), now);
  }
}

/**
 * @param cards null: the readers of the store's owner can't be seen
 * @param now milliseconds since 1970-01-01T00:00:00Z
 */
export function propagatedCertificate(
  { entry, info }: StoredOutline,
  found: FoundStore,
  cards: CardsSeen | null,
  now: number,
): PropagatedCertificate {
  const origin = originOf(entry);
  const link = linkOf(origin);
  const onCards = cards?.certificates.get(entry.thumbprint) ?? [];
  return {
    thumbprint: entry.thumbprint,
    subject: visible(info.subject),
    issuer: visible(info.issuer),
    serialNumber: info.serialNumber,
    notBefore: info.notBefore,
    notAfter: info.notAfter,
    upn: visibleOrNull(info.upn),
    evidence: evidenceOf(origin),
    linkState: linkStateOf(origin, onCards),
    isOnCard: onCards.length > 0 ? true : cards?.complete === true ? false : null,
    isExpired: info.notAfter < now,
    isForeignUser: isForeign(info.upn, found.owner),
    readerName: visibleOrNull(origin.mark?.readerName ?? (link === null ? null : readerOf(link))),
    cardId: visibleOrNull(origin.mark?.cardId ?? null),
    provider: visibleOrNull(link?.provider ?? null),
    container: link === null ? null : visible(containerOf(link)),
    propagatedAt: origin.mark?.at ?? null,
    storeName: visible(found.store.name),
    ...placeAddress(found),
  };
}

function linkStateOf(origin: Origin, onCards: readonly CertificateOnCard[]): LinkState {
  switch (origin.kind) {
    case 'Unlinked':
      return 'NoLink';
    case 'SmartCard': {
      const [first, ...others] = onCards.flatMap((source) => linksFor(source, anyProvider));
      const isStale = first !== undefined && stalenessOf(origin.link, [first, ...others], 'Auto') !== null;
      return isStale ? 'Stale' : 'Linked';
    }
    default:
      return origin.kind;
  }
}

const anyProvider = { keyProvider: 'Auto', keyContainer: null } as const;

/** Where the stores of a place or of a profile lie. */
export function placeAddress({
  place,
  owner,
}: Pick<FoundStore, 'place' | 'owner'>): Omit<StoreAddress, 'storeName'> {
  const { storePath, storeLocation, storeProvider } = storeAddress(place);
  const profilePath = visibleOrNull(owner.profilePath);
  return { storePath, storeLocation, storeProvider, profilePath, profileUser: visibleOrNull(owner.userName) };
}

const nowhere = { storePath: null, storeLocation: null, storeProvider: null };

function storeAddress(
  place: FoundStore['place'],
): Pick<StoreAddress, 'storePath' | 'storeLocation' | 'storeProvider'> {
  if (place === null) return nowhere;
  switch (place.kind) {
    case 'Folder':
      return { ...nowhere, storePath: visible(place.path) };
    case 'Hive':
      return { ...nowhere, storePath: `HKEY_USERS\\${place.sid}\\Software\\Microsoft` };
    default:
      return { ...nowhere, storeLocation: place.location, storeProvider: place.kind };
  }
}
