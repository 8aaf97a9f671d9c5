/** What propagation does with each certificate: pure functions from cards and stores to decisions. */
import type { CardCertificateFile, CardFamily } from '../card/card.js';
import {
  baseCsp,
  containerOf,
  encodeKeyLink,
  keySpecNumber,
  smartCardKsp,
  type KeyLink,
} from '../certificate/key-link.js';
import { formatMark } from '../certificate/mark.js';
import { samePublicKey, type PublicKey } from '../certificate/public-key.js';
import type { CertificateInfo } from '../certificate/x509.js';
import { propertyId } from '../store/property-id.js';
import { encodeText } from '../store/serialized.js';
import type { Properties, StoreEntry } from '../store/store.js';
import { originOf, type Origin } from './origin.js';
import type { PropagationReason } from './result.js';

/** Which provider a key link names. `Auto`: the Base CSP for RSA keys, the key storage provider for all others. */
export type KeyProvider = 'Auto' | 'CSP' | 'KSP';

export interface CardIdentity {
  /** As PC/SC gives it: outside text. */
  readonly readerName: string;
  readonly cardId: string;
  readonly family: CardFamily;
}

export interface CertificateOnCard {
  readonly card: CardIdentity;
  readonly file: CardCertificateFile;
  readonly info: CertificateInfo;
  /** The container's key as the card gives it, null where it does not. */
  readonly key: PublicKey | null;
  /** Where Windows' providers have the key, the best first; null where none was asked or could answer: the card's own name counts then. */
  readonly links: readonly KeyLink[] | null;
}

export interface PropagationPolicy {
  readonly keyProvider: KeyProvider;
  /** The container of a certificate whose card names none, null where nobody knows it. */
  readonly keyContainer: string | null;
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
    }
  | { readonly action: 'Unchanged'; readonly reason: 'AlreadyInStore'; readonly link: KeyLink | null }
  | { readonly action: 'Skipped'; readonly reason: PropagationReason };

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
  const links = policy.keepsProperties ? linksFor(source, policy) : [];
  const link = links[0] ?? null;
  const origin = existing === null ? null : originOf(existing);
  if (origin === null) return write('Added', additionOf(link, policy), source, link, null, policy);
  if (origin.kind === 'Software') return { action: 'Skipped', reason: 'SoftwareKeyLink' };
  const stored = 'link' in origin ? origin.link : null;
  if (link === null) return { action: 'Unchanged', reason: 'AlreadyInStore', link: stored };
  if (origin.kind === 'Unlinked') return write('Replaced', 'KeyLinkMissing', source, link, origin, policy);
  return stored === null || links.every((good) => isStale(stored, good, policy.keyProvider))
    ? write('Replaced', 'KeyLinkStale', source, link, origin, policy)
    : { action: 'Unchanged', reason: 'AlreadyInStore', link: stored };
}

function additionOf(link: KeyLink | null, { keepsProperties }: StorePolicy): PropagationReason {
  if (!keepsProperties) return 'StoreKeepsNoLink';
  return link === null ? 'NoContainerName' : 'NotInStore';
}

function obstacleOf(
  { file, info, key }: CertificateOnCard,
  { keyProvider }: PropagationPolicy,
): PropagationReason | null {
  if (file.isRoot) return 'RootCertificate';
  if (file.key === 'None') return 'NoKeyOnCard';
  if (key !== null && (info.publicKey === null || !samePublicKey(key, info.publicKey))) return 'KeyMismatch';
  return keyProvider === 'CSP' && info.keyAlgorithm !== 'RSA' ? 'ProviderUnsuitable' : null;
}

/** The links that lead to the key, the wanted one first. Where the providers name none, it is made from the card's own name. */
function linksFor(source: CertificateOnCard, policy: PropagationPolicy): readonly KeyLink[] {
  const wantsKsp = policy.keyProvider === 'KSP' || source.info.keyAlgorithm !== 'RSA';
  const isWanted = ({ providerType }: KeyLink): boolean => (providerType === 0) === wantsKsp;
  const known = source.links ?? [];
  const wanted = known.filter(isWanted);
  const others = policy.keyProvider === 'Auto' ? known.filter((link) => !isWanted(link)) : [];
  const links = [...wanted, ...others];
  if (links.length > 0) return links;
  const container = source.file.container?.name ?? policy.keyContainer;
  return container === null ? [] : [namedLink(container, source, wantsKsp)];
}

function namedLink(container: string, { file }: CertificateOnCard, wantsKsp: boolean): KeyLink {
  return wantsKsp
    ? { container, provider: smartCardKsp, providerType: 0, flags: 0, keySpec: 0 }
    : {
        ...{ container, provider: baseCsp, providerType: 1, flags: 0 },
        keySpec: keySpecNumber[file.keySpec ?? 'KeyExchange'],
      };
}

/** A link that another program chose is good as long as it leads to the same key by a provider that was not ruled out. */
function isStale(stored: KeyLink, wanted: KeyLink, keyProvider: KeyProvider): boolean {
  if (containerOf(stored).toLowerCase() !== wanted.container.toLowerCase()) return true;
  if (keyProvider !== 'Auto' && stored.provider !== wanted.provider) return true;
  const bothCsp = stored.providerType !== 0 && wanted.providerType !== 0;
  return bothCsp && stored.keySpec !== wanted.keySpec;
}

function write(
  action: 'Added' | 'Replaced',
  reason: PropagationReason,
  source: CertificateOnCard,
  link: KeyLink | null,
  origin: Origin | null,
  policy: PropagationPolicy,
): Outcome {
  const properties = new Map<number, Uint8Array>();
  if (link !== null) properties.set(propertyId.keyProvInfo, encodeKeyLink(link));
  const describedByOthers = origin !== null && origin.described && origin.mark === null;
  if (!describedByOthers) {
    properties.set(propertyId.description, encodeText(markFor(source.card, policy)));
  }
  return { action, reason, link, properties };
}

function markFor({ readerName, cardId }: CardIdentity, { version, now }: PropagationPolicy): string {
  return formatMark({ version, cardId, readerName, at: now });
}
