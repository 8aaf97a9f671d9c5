/** What propagation does with each certificate of a card's keys: pure functions from cards and stores to decisions. */
import { encodeKeyLink, type KeyLink } from '../certificate/key-link.js';
import { formatMark } from '../certificate/mark.js';
import { propertyId } from '../store/property-id.js';
import { encodeText } from '../store/serialized.js';
import type { Properties, StoreEntry } from '../store/store.js';
import type { CardIdentity, CertificateOnCard } from './certificate-on-card.js';
import { hasKey, linksFor, stalenessOf, type LinkPolicy } from './links.js';
import { linkOf, originOf, type Origin } from './origin.js';
import type { PropagationReason } from './result.js';

export type { CardIdentity, CertificateOnCard, KeyProvider } from './certificate-on-card.js';

export interface PropagationPolicy extends LinkPolicy {
  /** Certificates whose key is not the one in their container on the card are stored without a link; otherwise they are left out. */
  readonly allowUnlinked: boolean;
  readonly version: string;
  /** Now, milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

export interface StorePolicy extends PropagationPolicy {
  /** False: the store keeps certificates only, so that nothing is to be linked or marked. */
  readonly keepsProperties: boolean;
  /** What the request that this certificate answers has to pass on; null where it answers none. */
  readonly request: RequestHeritage | null;
}

/** What an issued certificate takes over from its request's entry in the store Request. */
export interface RequestHeritage {
  /** To a key on a smart card. */
  readonly link: KeyLink | null;
  /** The property's value. */
  readonly friendlyName: Uint8Array | null;
}

/** What is to be done with one certificate, found once or more often on the cards, and why. */
export interface Decision {
  /** The place on a card that was chosen. */
  readonly source: CertificateOnCard;
  readonly outcome: Outcome;
}

export type Outcome =
  | {
      readonly action: 'Added' | 'Replaced' | 'Filed';
      readonly reason: PropagationReason;
      /** Null: stored without a link, since the card names no container or the store keeps none. */
      readonly link: KeyLink | null;
      readonly properties: Properties;
      /** What there is to say instead of the reason's own sentence. */
      readonly detail?: string;
    }
  | { readonly action: 'Unchanged'; readonly reason: 'AlreadyInStore'; readonly link: KeyLink | null }
  | { readonly action: 'Skipped'; readonly reason: PropagationReason; readonly detail?: string };

/** Where one certificate is on the cards. */
export type Sources = readonly [CertificateOnCard, ...CertificateOnCard[]];

/** One group per certificate, in the order in which the cards gave them. */
export function groupByThumbprint(certificates: readonly CertificateOnCard[]): readonly Sources[] {
  const groups = new Map<string, [CertificateOnCard, ...CertificateOnCard[]]>();
  for (const certificate of certificates) {
    const group = groups.get(certificate.info.thumbprint);
    if (group === undefined) groups.set(certificate.info.thumbprint, [certificate]);
    else group.push(certificate);
  }
  return [...groups.values()];
}

/**
 * Decides on one certificate.
 * @param existing the store's entry of the same thumbprint
 */
export function decide(sources: Sources, existing: StoreEntry | null, policy: StorePolicy): Decision {
  return sources
    .map((source) => ({ source, outcome: decideOn(source, existing, policy) }))
    .reduce((best, next) => (rank(next.outcome) < rank(best.outcome) ? next : best));
}

/** With the same certificate in two places, the one that the store already links to comes first, then one that can be linked. */
function rank(outcome: Outcome): number {
  switch (outcome.action) {
    case 'Unchanged':
      return outcome.link === null ? 2 : 0;
    case 'Added':
    case 'Replaced':
    case 'Filed':
      return outcome.link === null ? 2 : 1;
    case 'Skipped':
      return 3;
  }
}

function decideOn(source: CertificateOnCard, existing: StoreEntry | null, policy: StorePolicy): Outcome {
  const obstacle = obstacleOf(source, policy);
  if (obstacle !== null) return { action: 'Skipped', reason: obstacle };
  const outcome = linkingOutcome(source, existing, policy);
  return policy.request === null ? outcome : completing(outcome, existing, policy.request);
}

function linkingOutcome(
  source: CertificateOnCard,
  existing: StoreEntry | null,
  policy: StorePolicy,
): Outcome {
  const [link = null, ...others] = goodLinks(source, policy);
  const origin = existing === null ? null : originOf(existing);
  if (origin === null) return write('Added', additionOf(source, link, policy), source, link, null, policy);
  if (origin.kind === 'Software') return { action: 'Skipped', reason: 'SoftwareKeyLink' };
  const stored = linkOf(origin);
  if (link === null) return { action: 'Unchanged', reason: 'AlreadyInStore', link: stored };
  if (origin.kind === 'Unlinked') return write('Replaced', 'KeyLinkMissing', source, link, origin, policy);
  const staleness =
    stored === null
      ? "The stored certificate's link to its key could not be read."
      : stalenessOf(stored, [link, ...others], policy.keyProvider);
  return staleness === null
    ? { action: 'Unchanged', reason: 'AlreadyInStore', link: stored }
    : { ...write('Replaced', 'KeyLinkStale', source, link, origin, policy), detail: staleness };
}

/** The best first; none for a key that is not there, or a store that keeps no links. */
function goodLinks(source: CertificateOnCard, policy: StorePolicy): readonly KeyLink[] {
  if (!policy.keepsProperties || !hasKey(source)) return [];
  const links = linksFor(source, policy);
  const inherited = policy.request?.link ?? null;
  if (inherited === null) return links;
  const [first, ...others] = links;
  const leadsToKey =
    first === undefined || stalenessOf(inherited, [first, ...others], policy.keyProvider) === null;
  return leadsToKey ? [inherited, ...links] : links;
}

/** What the certificate takes over from its request. */
function completing(
  outcome: Outcome,
  existing: StoreEntry | null,
  { friendlyName }: RequestHeritage,
): Outcome {
  if (outcome.action === 'Skipped') return outcome;
  const hasName = friendlyName === null || existing?.properties.has(propertyId.friendlyName) === true;
  const name = new Map(hasName ? [] : [[propertyId.friendlyName, friendlyName]]);
  if ('properties' in outcome) {
    const { action, link, properties } = outcome;
    return { action, reason: 'RequestCompleted', link, properties: new Map([...properties, ...name]) };
  }
  return hasName
    ? outcome
    : { action: 'Replaced', reason: 'RequestCompleted', link: outcome.link, properties: name };
}

function additionOf(
  source: CertificateOnCard,
  link: KeyLink | null,
  { keepsProperties }: StorePolicy,
): PropagationReason {
  if (!keepsProperties) return 'StoreKeepsNoLink';
  if (link !== null) return 'NotInStore';
  return hasKey(source) ? 'NoContainerName' : 'StoredUnlinked';
}

function obstacleOf(
  source: CertificateOnCard,
  { keyProvider, allowUnlinked }: PropagationPolicy,
): PropagationReason | null {
  if (!hasKey(source)) {
    if (allowUnlinked) return null;
    return source.file.key === 'None' ? 'NoKeyOnCard' : 'KeyMismatch';
  }
  return keyProvider === 'CSP' && source.info.keyAlgorithm !== 'RSA' ? 'ProviderUnsuitable' : null;
}

function write(
  action: 'Added' | 'Replaced',
  reason: PropagationReason,
  source: CertificateOnCard,
  link: KeyLink | null,
  origin: Origin | null,
  policy: PropagationPolicy,
): Extract<Outcome, { properties: Properties }> {
  const properties = new Map<number, Uint8Array>();
  if (link !== null) properties.set(propertyId.keyProvInfo, encodeKeyLink(link));
  const describedByOthers = origin !== null && origin.described && origin.mark === null;
  if (!describedByOthers) properties.set(propertyId.description, markFor(source.card, policy));
  return { action, reason, link, properties };
}

/** CertProp's mark as the property's value. */
export function markFor(
  { readerName, cardId }: Omit<CardIdentity, 'family'>,
  { version, now }: Pick<PropagationPolicy, 'version' | 'now'>,
): Uint8Array {
  return encodeText(formatMark({ version, cardId, readerName, at: now }));
}
