/** Which stored certificates are meant. */
import type { StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { evidenceOf, type Evidence } from './evidence.js';
import { isForeign, type StoreOwner } from './found-store.js';
import { originOf } from './origin.js';
import type { StoredOutline } from './stored-certificate.js';
import { fits } from './wildcard.js';

/** What a stored certificate has to be to be meant; every field that is neither null nor false narrows the selection. */
export interface Selection {
  readonly thumbprints: ReadonlySet<string> | null;
  /** Wildcards. */
  readonly subjects: readonly string[] | null;
  readonly issuers: readonly string[] | null;
  /** Normalized by `normalSerialNumber`. */
  readonly serialNumbers: ReadonlySet<string> | null;
  /** Wildcards of the cards' ids that marks name. */
  readonly cardIds: readonly string[] | null;
  /** The thumbprints on certain cards. */
  readonly onCard: ReadonlySet<string> | null;
  /** The thumbprints on all inserted cards: certificates on none of them are meant. */
  readonly notOnCard: ReadonlySet<string> | null;
  /** Only certificates whose NotAfter lies before this time; milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiredAt: number | null;
  readonly evidence: Evidence | null;
  /** Only certificates of another person than the store's owner. */
  readonly foreignUser: boolean;
  /** Only certificates that CertProp propagated before this time, as their marks say; milliseconds since 1970-01-01T00:00:00Z. */
  readonly markedBefore: number | null;
}

/** Everything that shows where it came from. */
export const everything: Selection = {
  ...{ thumbprints: null, subjects: null, issuers: null, serialNumbers: null, cardIds: null },
  ...{
    onCard: null,
    notOnCard: null,
    expiredAt: null,
    evidence: null,
    foreignUser: false,
    markedBefore: null,
  },
};

/** Upper-case hex without leading zeros, from what certmgr, certutil or OpenSSL show. */
export function normalSerialNumber(text: string): string {
  return text
    .replace(/[^0-9A-Fa-f]/gu, '')
    .toUpperCase()
    .replace(/^0+(?=.)/u, '');
}

/**
 * What can be said of an entry before its certificate is read, which takes longest. A sweep (expired, not on a card) passes over the
 * user's other certificates in silence; of a certificate that is singled out it is said why it stays.
 */
export function mayBeSelected(entry: StoreEntry, selection: Selection): boolean {
  const { thumbprints } = selection;
  if (thumbprints !== null && !thumbprints.has(entry.thumbprint)) return false;
  return isSingledOut(selection) || evidenceOf(originOf(entry)) !== null;
}

function isSingledOut({ thumbprints, subjects, serialNumbers, onCard }: Selection): boolean {
  return thumbprints !== null || subjects !== null || serialNumbers !== null || onCard !== null;
}

export function isSelected({ entry, info }: StoredOutline, owner: StoreOwner, selection: Selection): boolean {
  const { thumbprints, subjects, issuers, serialNumbers, onCard, notOnCard, expiredAt } = selection;
  return (
    (thumbprints === null || thumbprints.has(entry.thumbprint)) &&
    fitsOne(subjects, info.subject) &&
    fitsOne(issuers, info.issuer) &&
    (serialNumbers === null || serialNumbers.has(normalSerialNumber(info.serialNumber))) &&
    (onCard === null || onCard.has(entry.thumbprint)) &&
    notOnCard?.has(entry.thumbprint) !== true &&
    (expiredAt === null || info.notAfter < expiredAt) &&
    (!selection.foreignUser || isForeign(info.upn, owner) === true) &&
    hasOrigin(entry, selection)
  );
}

function hasOrigin(entry: StoreEntry, { cardIds, evidence, markedBefore }: Selection): boolean {
  if (cardIds === null && evidence === null && markedBefore === null) return true;
  const origin = originOf(entry);
  const { mark } = origin;
  return (
    (evidence === null || evidenceOf(origin) === evidence) &&
    (cardIds === null || (mark !== null && fitsOne(cardIds, mark.cardId))) &&
    (markedBefore === null || (mark !== null && mark.at < markedBefore))
  );
}

/** No patterns take every text. */
function fitsOne(patterns: readonly string[] | null, text: string): boolean {
  return patterns === null || patterns.some((pattern) => fits(pattern, visible(text)));
}
