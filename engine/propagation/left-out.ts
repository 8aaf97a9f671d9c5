import type { Subject } from './apply.js';
import { resultOf, type PropagationReason } from './result.js';
import { settledStep, type PlannedStep } from './step.js';

/** A certificate that is left out, without a look into the store. */
export interface LeftOut {
  readonly reason: PropagationReason;
  /** What there is to say instead of the reason's own sentence; safe to show. */
  readonly detail?: string;
}

export function planLeftOut(
  { info, container, readerName, cardId }: Subject,
  store: string,
  { reason, detail }: LeftOut,
): PlannedStep {
  return settledStep(
    resultOf({
      ...{ thumbprint: info.thumbprint, info, store, planned: true },
      ...{ action: 'Skipped', reason, detail, provider: null, container, readerName, cardId },
    }),
  );
}
