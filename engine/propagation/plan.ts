/** What propagation does with each certificate of a card's keys: pure functions from cards and stores to decisions. */
import { encodeKeyLink, type KeyLink } from '../certificate/key-link.js';
import { formatMark } from '../certificate/mark.js';
import { propertyId } from '../store/property-id.js';
import { encodeText } from '../store/serialized.js';
import type { Properties, StoreEntry } from '../store/store.js';
import { hasKey, linksFor, stalenessOf, type LinkPolicy } from './links.js';
import type { CardIdentity, CertificateOnCard } from './certificate-on-card.js';
import { originOf, type Origin } from './origin.js';
import type { PropagationReason } from './result.js';

export type { CardIdentity, CertificateOnCard, KeyProvider } from './certificate-on-card.js';

export interface PropagationPolicy extends LinkPolicy {
  readonly version: string;
  /** Now, milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
}

export interface StorePolicy extends PropagationPolicy {
  /** False: the store keeps certificates only, so that nothing is to be linked or marked. */
  readonly keepsProperties: boolean;
}

/** What is to be done with one certificate, found once or more often on the cards, and why. */
export interface Decision {
  /** The place on a card that was chosen. */
  readonly source: CertificateOnCard;
  readonly outcome: Outcome;
}

export type Outcome =
  | {
      readonly action: 'Added' | 'Replaced';
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
      return outcome.link === null ? 2 : 1;
    case 'Skipped':
      return 3;
  }
}

function decideOn(source: CertificateOnCard, existing: StoreEntry | null, policy: StorePolicy): Outcome {
  const obstacle = obstacleOf(source, policy);
  if (obstacle !== null) return { action: 'Skipped', reason: obstacle };
  const [link = null, ...others] = policy.keepsProperties ? linksFor(source, policy) : [];
  const origin = existing === null ? null : originOf(existing);
  if (origin === null) return write('Added', additionOf(link, policy), source, link, null, policy);
  if (origin.kind === 'Software') return { action: 'Skipped', reason: 'SoftwareKeyLink' };
  const stored = 'link' in origin ? origin.link : null;
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

function additionOf(link: KeyLink | null, { keepsProperties }: StorePolicy): PropagationReason {
  if (!keepsProperties) return 'StoreKeepsNoLink';
  return link === null ? 'NoContainerName' : 'NotInStore';
}

function obstacleOf(source: CertificateOnCard, { keyProvider }: PropagationPolicy): PropagationReason | null {
  if (source.file.isRoot) return 'RootCertificate';
  if (source.file.key === 'None') return 'NoKeyOnCard';
  if (!hasKey(source)) return 'KeyMismatch';
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
function markFor(
  { readerName, cardId }: Omit<CardIdentity, 'family'>,
  { version, now }: Pick<PropagationPolicy, 'version' | 'now'>,
): Uint8Array {
  return encodeText(formatMark({ version, cardId, readerName, at: now }));
}
