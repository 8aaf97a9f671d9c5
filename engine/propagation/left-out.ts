import type { Subject } from './apply.js';
import { resultOf, type PropagationReason, type PropagationResult } from './result.js';
import type { PlannedStep } from './step.js';

/** A certificate that is left out, without a look into the store. */
export interface LeftOut {
  readonly reason: PropagationReason;
  /** What there is to say instead of the reason's own sentence; safe to show. */
  readonly detail?: string;
}

export function planLeftOut(subject: Subject, store: string, leftOut: LeftOut): PlannedStep {
  return {
    preview: resultWhen(true, subject, store, leftOut),
    apply: () => Promise.resolve({ result: resultWhen(false, subject, store, leftOut), error: null }),
  };
}

function resultWhen(
  planned: boolean,
  { info, container, readerName, cardId }: Subject,
  store: string,
  { reason, detail }: LeftOut,
): PropagationResult {
  return resultOf({
    ...{ thumbprint: info.thumbprint, info, store, planned },
    ...{ action: 'Skipped', reason, detail, provider: null, container, readerName, cardId },
  });
}
