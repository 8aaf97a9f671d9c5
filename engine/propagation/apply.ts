/** Propagation's steps: each is planned, and decided anew on what the store holds when it is carried out. */
import { CertPropError } from '../errors.js';
import type { CertificateStore } from '../store/store.js';
import { decide, type Decision, type PropagationPolicy, type Sources } from './plan.js';
import { resultOf, type PropagationResult } from './result.js';
import { failed, type PlannedStep, type StepOutcome } from './step.js';

export async function planPropagation(
  sources: Sources,
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<PlannedStep> {
  const preview = await previewOf(sources, store, policy);
  return { preview, apply: () => applyStep(sources, store, policy) };
}

/** An entry that can't be read is this certificate's failure; a store that can't be read is everybody's. */
async function previewOf(
  sources: Sources,
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<PropagationResult> {
  try {
    return describe(await decideNow(sources, store, policy), store, true);
  } catch (error) {
    if (!(error instanceof CertPropError) || error.details.thumbprint === undefined) throw error;
    return failed(describe(unread(sources), store, true), error).result;
  }
}

async function applyStep(
  sources: Sources,
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<StepOutcome> {
  let result = describe(unread(sources), store, false);
  try {
    const decision = await decideNow(sources, store, policy);
    const { source, outcome } = decision;
    result = describe(decision, store, false);
    if (!('properties' in outcome)) return { result, error: null };
    await store.add(source.file.certificate, outcome.properties, 'ReplaceExistingInheritProperties');
    return { result, error: null };
  } catch (error) {
    if (error instanceof CertPropError) return failed(result, error);
    throw error;
  }
}

/** The decision as long as the store's entry is not known. */
function unread(sources: Sources): Decision {
  return { source: sources[0], outcome: { action: 'Skipped', reason: 'Failed' } };
}

/** A corrupt entry is left alone: it may hold what a person can still save. */
async function decideNow(
  sources: Sources,
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<Decision> {
  try {
    const existing = await store.find(sources[0].info.thumbprint);
    return decide(sources, existing, { ...policy, keepsProperties: store.keepsProperties });
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'MalformedStoreElement') {
      return { source: sources[0], outcome: { action: 'Skipped', reason: 'CorruptEntry' } };
    }
    throw error;
  }
}

function describe(
  { source, outcome }: Decision,
  store: CertificateStore,
  planned: boolean,
): PropagationResult {
  const { card, info, file } = source;
  const link = 'link' in outcome ? outcome.link : null;
  return resultOf({
    thumbprint: info.thumbprint,
    info,
    store: store.name,
    action: outcome.action,
    reason: outcome.reason,
    planned,
    provider: link?.provider ?? null,
    container: link?.container ?? file.container?.name ?? null,
    readerName: card.readerName,
    cardId: card.cardId,
  });
}
