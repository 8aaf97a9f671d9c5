/** Propagation's steps: each is planned, and decided anew on what the store holds when it is carried out. */
import { CertPropError } from '../errors.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { decide, type CertificateOnCard, type Decision, type PropagationPolicy } from './plan.js';
import { resultOf, type PropagationResult } from './result.js';
import { failed, type PlannedStep, type StepOutcome } from './step.js';

/** @param sources where one certificate is on the cards, at least once */
export async function planPropagation(
  sources: readonly CertificateOnCard[],
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<PlannedStep> {
  const decision = await decideNow(sources, store, policy);
  return { preview: describe(decision, store, true), apply: () => applyStep(sources, store, policy) };
}

async function applyStep(
  sources: readonly CertificateOnCard[],
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<StepOutcome> {
  const decision = await decideNow(sources, store, policy);
  const { source, outcome } = decision;
  const result = describe(decision, store, false);
  if (!('properties' in outcome)) return { result, error: null };
  try {
    await store.add(source.file.certificate, outcome.properties, 'ReplaceExistingInheritProperties');
    return { result, error: null };
  } catch (error) {
    if (error instanceof CertPropError) return failed(result, error);
    throw error;
  }
}

async function decideNow(
  sources: readonly CertificateOnCard[],
  store: CertificateStore,
  policy: PropagationPolicy,
): Promise<Decision> {
  const existing = await findReadable(store, sources[0]?.info.thumbprint ?? '');
  return decide(sources, existing, policy);
}

/** A corrupt entry is as good as none: it is planned as an addition, and writing it heals the store. */
async function findReadable(store: CertificateStore, thumbprint: string): Promise<StoreEntry | null> {
  try {
    return await store.find(thumbprint);
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'MalformedStoreElement') return null;
    throw error;
  }
}

function describe(
  { source, outcome }: Decision,
  store: CertificateStore,
  planned: boolean,
): PropagationResult {
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
