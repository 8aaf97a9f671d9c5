import type { CertPropError } from '../../errors.js';
import { passed, unseen, type Check, type Judgment } from '../finding.js';

/** What Windows' providers say of the cards is what the cards say: no stale copies. */
export const windowsCache: Check = {
  name: 'WindowsCache',
  judge({ providers, cards }) {
    if (providers.kind !== 'Seen') return [unseen(providers)];
    const stale = cards.problems.filter(isStaleCopy);
    return stale.length > 0
      ? stale.map(staleCopy)
      : [passed("Windows' providers give the containers and certificates that the cards hold.")];
  },
};

export function isStaleCopy({ id }: CertPropError): boolean {
  return id === 'CachedCertificateDiffers' || id === 'KeyContainerUnknown';
}

function staleCopy({ id, message, details }: CertPropError): Judgment {
  return {
    status: 'Failed',
    finding: message,
    evidence: {
      ...{ reader: details.readerName ?? null, card: details.cardId ?? null },
      ...{ thumbprint: details.thumbprint ?? null, container: details.file ?? null, error: id },
    },
    remedy:
      'Set-CardCacheCounter -Increment Container, File on a GIDS card, then insert the card again; what Windows has: Get-CardCacheItem.',
  };
}
