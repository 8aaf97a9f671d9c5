/** Carries out what was planned, one certificate at a time; each step is decided anew on what the store holds at that moment. */
import { CertPropError } from '../errors.js';
import type { PropagationResult } from '../rpc/contract.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { decide, type CertificateOnCard, type Decision, type PropagationPolicy } from './plan.js';
import { resultOf } from './result.js';

/** The result of one planned step, and the error that kept it from being done. */
export interface StepOutcome {
  readonly result: PropagationResult;
  readonly error: CertPropError | null;
}

/** One certificate of a plan. */
export interface PlannedStep {
  /** What will be done, with `planned` true. */
  readonly preview: PropagationResult;
  readonly apply: () => Promise<StepOutcome>;
}

export async function planStep(
  sources: readonly CertificateOnCard[],
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<PlannedStep> {
  const thumbprint = sources[0]?.info.thumbprint ?? '';
  const preview = describe(decide(sources, await findOrNull(store, thumbprint), policy), store, true);
  return { preview, apply: () => applyStep(sources, thumbprint, store, policy) };
}

/** A corrupt entry is as good as none: it is planned as an addition, and writing it heals the store. */
async function findOrNull(store: CertificateStore, thumbprint: string): Promise<StoreEntry | null> {
  try {
    return await store.find(thumbprint);
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'MalformedStoreElement') return null;
    throw error;
  }
}

async function applyStep(
  sources: readonly CertificateOnCard[],
  thumbprint: string,
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<StepOutcome> {
  const decision = decide(sources, await findOrNull(store, thumbprint), policy);
  const { source, outcome } = decision;
  const result = describe(decision, store, false);
  if (!('properties' in outcome)) return { result, error: null };
  try {
    await store.add(source.file.certificate, outcome.properties, 'ReplaceExistingInheritProperties');
    return { result, error: null };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    const about = error.with({ thumbprint });
    const detail = `${result.detail} ${visible(error.message)}`;
    return { result: { ...result, action: 'Skipped', reason: 'Failed', detail }, error: about };
  }
}

function describe({ source, outcome }: Decision, store: CertificateStore, planned: boolean): PropagationResult {
  const { card, info, file } = source;
  const result = resultOf({
    thumbprint: info.thumbprint,
    info,
    store: store.name,
    action: outcome.action,
    reason: outcome.reason,
    planned,
    link: 'link' in outcome ? outcome.link : null,
    readerName: card.readerName,
    cardId: card.cardId,
  });
  return result.container === null && file.container !== null
    ? { ...result, container: visible(file.container.name) }
    : result;
}
