import { decodeKeyLink, isSmartCardProvider, type KeyLink } from '../certificate/key-link.js';
import { parseMark, type Mark } from '../certificate/mark.js';
import { CertPropError } from '../errors.js';
import { propertyId } from '../store/property-id.js';
import { decodeText } from '../store/serialized.js';
import type { StoreEntry } from '../store/store.js';

/** What a stored certificate says of where its key is, and who put it there. */
export type Origin = KeyPlace & {
  /** CertProp's mark in the description. Any user can write one. */
  readonly mark: Mark | null;
  /** Whether there is a description at all. */
  readonly described: boolean;
};

type KeyPlace =
  | { readonly kind: 'SmartCard' | 'Software'; readonly link: KeyLink }
  | { readonly kind: 'Unlinked' | 'Unreadable' };

export function linkOf(origin: Origin): KeyLink | null {
  return 'link' in origin ? origin.link : null;
}

/** What a result tells of an origin (outside text). */
export type OriginFacts = Readonly<Record<'provider' | 'container' | 'readerName' | 'cardId', string | null>>;

export const noOriginFacts: OriginFacts = {
  ...{ provider: null, container: null, readerName: null, cardId: null },
};

export function originFacts(origin: Origin): OriginFacts {
  const link = linkOf(origin);
  return {
    provider: link?.provider ?? null,
    container: link?.container ?? null,
    readerName: origin.mark?.readerName ?? null,
    cardId: origin.mark?.cardId ?? null,
  };
}

export function originOf(entry: Pick<StoreEntry, 'properties'>): Origin {
  const description = entry.properties.get(propertyId.description);
  const mark = description === undefined ? null : parseMark(decodeText(description));
  const place = keyPlaceOf(entry);
  const described = description !== undefined;
  // A spread takes several times as long as all the rest here.
  return 'link' in place
    ? { kind: place.kind, link: place.link, mark, described }
    : { kind: place.kind, mark, described };
}

function keyPlaceOf(entry: Pick<StoreEntry, 'properties'>): KeyPlace {
  const property = entry.properties.get(propertyId.keyProvInfo);
  if (property === undefined) return { kind: 'Unlinked' };
  try {
    const link = decodeKeyLink(property);
    return { kind: isSmartCardProvider(link.provider) ? 'SmartCard' : 'Software', link };
  } catch (error) {
    if (error instanceof CertPropError) return { kind: 'Unreadable' };
    throw error;
  }
}
