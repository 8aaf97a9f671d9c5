/** Which key link a certificate on a card gets, and whether a stored one still leads to its key: pure functions. */
import { baseCsp, containerOf, keySpecNumber, smartCardKsp, type KeyLink } from '../certificate/key-link.js';
import { samePublicKey } from '../certificate/public-key.js';
import { visible } from '../text.js';
import type { CertificateOnCard, KeyProvider } from './certificate-on-card.js';

export interface LinkPolicy {
  readonly keyProvider: KeyProvider;
  /** The container of a certificate whose card names none, null where nobody knows it. */
  readonly keyContainer: string | null;
}

/** The links that lead to the key, the wanted one first. Where the providers name none, it is made from the card's own name. */
export function linksFor(
  source: CertificateOnCard,
  { keyProvider, keyContainer }: LinkPolicy,
): readonly KeyLink[] {
  const wantsKsp = keyProvider === 'KSP' || source.info.keyAlgorithm !== 'RSA';
  const isWanted = ({ providerType }: KeyLink): boolean => (providerType === 0) === wantsKsp;
  const known = source.links ?? [];
  const wanted = known.filter(isWanted);
  const others = keyProvider === 'Auto' ? known.filter((link) => !isWanted(link)) : [];
  const links = [...wanted, ...others];
  if (links.length > 0) return links;
  const container = source.file.container?.name ?? keyContainer;
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

/**
 * What is wrong with a stored link, as a sentence; null for one that leads to the key. A link that another program chose is good as long
 * as it leads to the same key by a provider that was not ruled out.
 * @param links those that lead to the key, at least one
 */
export function stalenessOf(
  stored: KeyLink,
  links: readonly [KeyLink, ...KeyLink[]],
  keyProvider: KeyProvider,
): string | null {
  const findings = links.map((link) => differenceBetween(stored, link, keyProvider));
  return findings.includes(null) ? null : (findings[0] ?? null);
}

function differenceBetween(stored: KeyLink, wanted: KeyLink, keyProvider: KeyProvider): string | null {
  const container = containerOf(stored);
  if (container.toLowerCase() !== wanted.container.toLowerCase())
    return `The stored certificate was linked to the container "${visible(container)}"; its key is in "${visible(wanted.container)}".`;
  if (keyProvider !== 'Auto' && stored.provider !== wanted.provider)
    return `The stored certificate was linked to the provider "${visible(stored.provider)}"; "${wanted.provider}" was asked for.`;
  const bothCsp = stored.providerType !== 0 && wanted.providerType !== 0;
  if (bothCsp && stored.keySpec !== wanted.keySpec)
    return `The stored certificate was linked with the key spec ${stored.keySpec}; its key has ${wanted.keySpec}.`;
  return null;
}

/**
 * Gives certificates whose own container holds another key the container of the same card that holds theirs, if one does.
 * @param certificates with the keys of their containers
 */
export function withMovedKeys(certificates: readonly CertificateOnCard[]): readonly CertificateOnCard[] {
  return certificates.map((source) => {
    if (!isMismatch(source)) return source;
    const holder = certificates.find((other) => isSameCard(source, other) && holdsKeyOf(other, source));
    if (holder === undefined) return source;
    const { slot, container, keySpec } = holder.file;
    return { ...source, file: { ...source.file, slot, container, keySpec }, key: holder.key };
  });
}

/** As far as the card says, it has the certificate's key, where the certificate's container has its own. */
export function hasKey(source: CertificateOnCard): boolean {
  return source.file.key !== 'None' && !isMismatch(source);
}

/** The card gives the key of the certificate's container, and it is another one. */
function isMismatch({ key, info }: CertificateOnCard): boolean {
  return key !== null && (info.publicKey === null || !samePublicKey(key, info.publicKey));
}

function isSameCard(a: CertificateOnCard, b: CertificateOnCard): boolean {
  return a.card.readerName === b.card.readerName && a.card.cardId === b.card.cardId;
}

function holdsKeyOf({ key, file }: CertificateOnCard, { info }: CertificateOnCard): boolean {
  return (
    key !== null && file.container !== null && info.publicKey !== null && samePublicKey(key, info.publicKey)
  );
}
