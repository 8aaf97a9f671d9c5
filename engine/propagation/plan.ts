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
}

export interface PropagationPolicy {
  readonly keyProvider: KeyProvider;
  readonly version: string;
  /** Now, milliseconds since 1970-01-01T00:00:00Z. */
  readonly now: number;
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
      readonly link: KeyLink;
      readonly properties: Properties;
    }
  | { readonly action: 'Unchanged'; readonly reason: 'AlreadyInStore'; readonly link: KeyLink }
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
export function decide(sources: Sources, existing: StoreEntry | null, policy: PropagationPolicy): Decision {
  return sources
    .map((source) => ({ source, outcome: decideOn(source, existing, policy) }))
    .reduce((best, next) =>
      preference[next.outcome.action] < preference[best.outcome.action] ? next : best,
    );
}

/** With the same certificate in two places, the one that the store already links to comes first. */
const preference = { Unchanged: 0, Added: 1, Replaced: 1, Skipped: 2 } as const;

function decideOn(
  source: CertificateOnCard,
  existing: StoreEntry | null,
  policy: PropagationPolicy,
): Outcome {
  const link = linkFor(source, policy.keyProvider);
  if (!('container' in link)) return { action: 'Skipped', reason: link.obstacle };
  if (existing === null) return write('Added', 'NotInStore', source, link, null, policy);

  const origin = originOf(existing);
  switch (origin.kind) {
    case 'Software':
      return { action: 'Skipped', reason: 'SoftwareKeyLink' };
    case 'SmartCard':
      return isStale(origin.link, link, policy.keyProvider)
        ? write('Replaced', 'KeyLinkStale', source, link, origin, policy)
        : { action: 'Unchanged', reason: 'AlreadyInStore', link: origin.link };
    case 'Unreadable':
      return write('Replaced', 'KeyLinkStale', source, link, origin, policy);
    case 'Unlinked':
      return write('Replaced', 'KeyLinkMissing', source, link, origin, policy);
  }
}

function linkFor(
  { file, info, key }: CertificateOnCard,
  keyProvider: KeyProvider,
): KeyLink | { readonly obstacle: PropagationReason } {
  if (file.isRoot) return { obstacle: 'RootCertificate' };
  if (file.key === 'None' || file.container === null || file.keySpec === null)
    return { obstacle: 'NoKeyOnCard' };
  if (key !== null && (info.publicKey === null || !samePublicKey(key, info.publicKey))) {
    return { obstacle: 'KeyMismatch' };
  }
  const isRsa = info.keyAlgorithm === 'RSA';
  if (keyProvider === 'CSP' && !isRsa) return { obstacle: 'ProviderUnsuitable' };
  const container = file.container.name;
  return keyProvider === 'KSP' || !isRsa
    ? { container, provider: smartCardKsp, providerType: 0, flags: 0, keySpec: 0 }
    : { container, provider: baseCsp, providerType: 1, flags: 0, keySpec: keySpecNumber[file.keySpec] };
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
  link: KeyLink,
  origin: Origin | null,
  policy: PropagationPolicy,
): Outcome {
  const properties = new Map([[propertyId.keyProvInfo, encodeKeyLink(link)]]);
  const describedByOthers = origin !== null && origin.described && origin.mark === null;
  if (!describedByOthers) {
    properties.set(propertyId.description, encodeText(markFor(source.card, policy)));
  }
  return { action, reason, link, properties };
}

function markFor({ readerName, cardId }: CardIdentity, { version, now }: PropagationPolicy): string {
  return formatMark({ version, cardId, readerName, at: now });
}
