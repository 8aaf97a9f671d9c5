import type { CertPropError } from '../errors.js';
import type { PropagationResult } from './result.js';

/** One certificate of a plan. */
export interface PlannedStep {
  /** What will be done, with `planned` true. */
  readonly preview: PropagationResult;
  /** Does it, on what the store holds at that moment; doing it twice is the same as doing it once. */
  readonly apply: () => Promise<StepOutcome>;
}

/** The result of one step, and the error that kept it from being done. */
export interface StepOutcome {
  readonly result: PropagationResult;
  readonly error: CertPropError | null;
  /** Why it was left out without being anybody's mistake. */
  readonly warning?: CertPropError;
}

/** A step that changes nothing: what there is to say of it is known when it is planned. */
export function settledStep(
  preview: PropagationResult,
  outcome: Omit<StepOutcome, 'result'> = { error: null },
): PlannedStep {
  return { preview, apply: () => Promise.resolve({ ...outcome, result: { ...preview, planned: false } }) };
}

/** A step that failed: nothing was changed. */
export function failed(result: PropagationResult, error: CertPropError): StepOutcome {
  const about = error.with({ thumbprint: result.thumbprint });
  const detail = `${result.detail} ${error.message}`;
  return { result: { ...result, action: 'Skipped', reason: 'Failed', detail }, error: about };
}
