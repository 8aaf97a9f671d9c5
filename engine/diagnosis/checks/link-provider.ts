import { baseCsp, isSmartCardProvider, smartCardKsp, type KeyLink } from '../../certificate/key-link.js';
import { evidenceOf, linked, named, type LinkedOnCard } from '../certificates.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';

/** wincrypt.h, PROV_RSA_FULL. */
const rsaFull = 1;

/** Each link names a provider for smart cards that can use the key. */
export const linkProvider: Check = {
  name: 'LinkProvider',
  judge: (facts) =>
    judgeEach(linked(facts), unsuitable, {
      none: 'No certificate of the cards is in the store with a link to a key.',
      passed: (count) => `${counted(count, 'link')}: each names a provider for smart cards.`,
    }),
};

/** Whether a later check may judge the link: its provider is right. */
export function hasRightProvider({ source, link }: LinkedOnCard): boolean {
  return obstacleOf(link, source.info.keyAlgorithm) === null;
}

function unsuitable({ source, link }: LinkedOnCard): Judgment | null {
  const obstacle = obstacleOf(link, source.info.keyAlgorithm);
  if (obstacle === null) return null;
  const { provider, providerType } = link;
  const wrong = {
    finding: `${named(source)} is linked to a provider that can't use its key: ${obstacle}.`,
    evidence: { ...evidenceOf(source), provider, providerType },
  };
  if (isSmartCardProvider(provider))
    return {
      status: 'Failed',
      ...wrong,
      remedy: `Remove-PropagatedCertificate -Thumbprint ${source.info.thumbprint}, then Invoke-CertPropagation.`,
    };
  return isMicrosofts(provider) || source.card.family === 'GIDS'
    ? { status: 'Failed', ...wrong, remedy: softwareRemedy(source.info.thumbprint) }
    : { status: 'Warning', ...wrong, remedy: softwareRemedy(source.info.thumbprint) };
}

function softwareRemedy(thumbprint: string): string {
  return `If the key is on the card and nowhere else: Remove-PropagatedCertificate -Thumbprint ${thumbprint}, then Invoke-CertPropagation.`;
}

/** Other makers have providers of their own for their cards; GIDS cards are those of Windows' own driver. */
function isMicrosofts(provider: string): boolean {
  return provider.toLowerCase().startsWith('microsoft ');
}

function obstacleOf({ provider, providerType }: KeyLink, keyAlgorithm: string): string | null {
  if (!isSmartCardProvider(provider)) return `"${provider}" is none of Windows' providers for smart cards`;
  const isCsp = provider.toLowerCase() === baseCsp.toLowerCase();
  if (isCsp && providerType !== rsaFull)
    return `"${baseCsp}" has type ${rsaFull} (PROV_RSA_FULL) and is linked ${providerType === 0 ? 'as a key storage provider (type 0)' : `with type ${providerType}`}`;
  if (!isCsp && providerType !== 0) return `"${smartCardKsp}" is linked as a CSP (type ${providerType})`;
  return isCsp && keyAlgorithm !== 'RSA'
    ? `"${baseCsp}" holds RSA keys only, and this one is ${keyAlgorithm}`
    : null;
}
