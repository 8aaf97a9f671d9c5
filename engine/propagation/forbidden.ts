import type { CertificateOnCard } from './plan.js';
import { resultOf, type PropagationResult } from './result.js';
import type { PlannedStep } from './step.js';

/**
 * Leaves a certificate out that policy forbids to propagate, without a look into the store.
 * @param obstacle which policy does, as a sentence
 */
export function planForbidden(source: CertificateOnCard, store: string, obstacle: string): PlannedStep {
  const resultWhen = (planned: boolean): PropagationResult => ({
    ...skipped(source, store, planned),
    detail: obstacle,
  });
  return {
    preview: resultWhen(true),
    apply: () => Promise.resolve({ result: resultWhen(false), error: null }),
  };
}

function skipped(
  { card, info, file }: CertificateOnCard,
  store: string,
  planned: boolean,
): PropagationResult {
  return resultOf({
    ...{ thumbprint: info.thumbprint, info, store, planned },
    ...{ action: 'Skipped', reason: 'PolicyDisabled' },
    ...{ provider: null, container: file.container?.name ?? null },
    ...{ readerName: card.readerName, cardId: card.cardId },
  });
}
