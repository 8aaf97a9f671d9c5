/** Providers' containers for the tests of this folder. */
import { baseCsp, smartCardKsp } from '../../engine/certificate/key-link.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import type { ProviderContainer } from '../../engine/provider/provider.js';

/** A container that has the certificate's key. */
export function inProvider(
  provider: 'CSP' | 'KSP',
  { card, file, info }: CertificateOnCard,
  changes: Partial<ProviderContainer> = {},
): ProviderContainer {
  return {
    readerName: card.readerName,
    ...(provider === 'CSP'
      ? { provider: baseCsp, providerType: 1, keySpec: 1 }
      : { provider: smartCardKsp, providerType: 0, keySpec: 0 }),
    container: 'enumerated',
    cardId: 'FFEEDDCCBBAA99887766554433221100',
    certificate: file.certificate,
    publicKey: info.publicKey,
    ...changes,
  };
}
