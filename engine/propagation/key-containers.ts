/** Which container of Windows' providers holds a certificate's key, and what the providers' caches have wrong: pure functions. */
import { type KeyLink, keySpecNumber, setKeyProvHandleFlag } from '../certificate/key-link.js';
import { samePublicKey } from '../certificate/public-key.js';
import { thumbprintOf } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { ProviderContainer } from '../provider/provider.js';
import { visible } from '../text.js';
import type { CertificateOnCard } from './plan.js';

/** What matches, the best first. */
type Match = 'Certificate' | 'Key' | 'Name';
const matches: readonly Match[] = ['Certificate', 'Key', 'Name'];

/** @param containers those of the certificate's reader; @returns the best first */
export function linksTo(
  source: CertificateOnCard,
  containers: readonly ProviderContainer[],
): readonly KeyLink[] {
  const flags = source.card.family === 'PIV' ? setKeyProvHandleFlag : 0;
  return matching(source, containers).map(({ container, provider, providerType, keySpec }) => ({
    ...{ container, provider, providerType, flags, keySpec },
  }));
}

function matching(
  source: CertificateOnCard,
  containers: readonly ProviderContainer[],
): readonly ProviderContainer[] {
  const rank = (container: ProviderContainer): number => {
    const match = matchOf(source, container);
    return match === null ? -1 : 2 * matches.indexOf(match) + (hasName(source, container) ? 0 : 1);
  };
  return containers
    .map((container) => ({ container, rank: rank(container) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => a.rank - b.rank)
    .map(({ container }) => container);
}

function matchOf({ file, info, ...source }: CertificateOnCard, container: ProviderContainer): Match | null {
  const { certificate, publicKey } = container;
  if (certificate !== null && Buffer.compare(certificate, file.certificate) === 0) return 'Certificate';
  const isSameKey = publicKey !== null && info.publicKey !== null && samePublicKey(publicKey, info.publicKey);
  if (isSameKey) return 'Key';
  return hasName({ file, info, ...source }, container) ? 'Name' : null;
}

/** A container of the Base CSP has up to two keys. */
function hasName(
  { file }: CertificateOnCard,
  { container, providerType, keySpec }: ProviderContainer,
): boolean {
  if (file.container?.name.toLowerCase() !== container.toLowerCase()) return false;
  return providerType === 0 || keySpec === keySpecNumber[file.keySpec ?? 'KeyExchange'];
}

/**
 * What shows that Windows' copies of a card's contents are stale. What the card itself answered is the truth.
 * @param sources all certificates of the card; without some of them, theirs would be taken for stale
 * @param containers those of the card's reader
 */
export function staleCopies(
  sources: readonly CertificateOnCard[],
  containers: readonly ProviderContainer[],
): readonly CertPropError[] {
  const findings = new Map<string, CertPropError>();
  const onCard = new Set(sources.map(({ info }) => info.thumbprint));
  for (const source of sources) {
    if (source.file.isRoot || source.file.key === 'None') continue;
    const found = matching(source, containers);
    if (found.length === 0 && source.file.container !== null) {
      findings.set(source.file.container.name, unknownContainer(source, source.file.container.name));
    }
    if (found.some((container) => matchOf(source, container) === 'Certificate')) continue;
    for (const { container, certificate } of found) {
      const cached = certificate === null ? null : thumbprintOf(certificate);
      if (cached !== null && !onCard.has(cached))
        findings.set(`${container} ${cached}`, cachedDiffers(source, container, cached));
    }
  }
  return [...findings.values()];
}

function cachedDiffers({ card, info }: CertificateOnCard, container: string, cached: string): CertPropError {
  const readerName = visible(card.readerName);
  const name = visible(container);
  return new CertPropError(
    'CachedCertificateDiffers',
    `Windows' provider gives the certificate ${cached} for the container "${name}" of the card in the reader "${readerName}", ` +
      `but the card holds ${info.thumbprint}: Windows' copy is stale. ${refresh(card.family)}`,
    { readerName, cardId: visible(card.cardId), thumbprint: info.thumbprint, file: name },
  );
}

function unknownContainer({ card, info }: CertificateOnCard, container: string): CertPropError {
  const readerName = visible(card.readerName);
  const name = visible(container);
  return new CertPropError(
    'KeyContainerUnknown',
    `Windows' providers don't know the container "${name}" that the card in the reader "${readerName}" names for the certificate ${info.thumbprint}: ` +
      `their copy of the card's contents is stale. The key link names it as the card does. ${refresh(card.family)}`,
    { readerName, cardId: visible(card.cardId), thumbprint: info.thumbprint, file: name },
  );
}

function refresh(family: CertificateOnCard['card']['family']): string {
  return family === 'GIDS'
    ? 'Advance its counters with Set-CardCacheCounter -Increment Container, File, then insert the card again.'
    : 'Insert the card again; if it stays so, have whoever issued the card tell Windows of the change.';
}
