/** Takes back what was propagated: which of the certificates that are meant may go. */
import { CertPropError } from '../errors.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { candidates } from './candidates.js';
import type { OwnedStore } from './found-store.js';
import { originOf } from './origin.js';
import { resultOf, withOutcome, type PropagationReason, type PropagationResult } from './result.js';
import { isSelected, type Selection } from './selection.js';
import { failed, type PlannedStep, type StepOutcome } from './step.js';
import type { StoredCertificate, Unreadable } from './stored-certificate.js';

export interface RemovalRequest {
  readonly selection: Selection;
  /** The thumbprints were typed by a person: such a certificate may go without any evidence. */
  readonly named: boolean;
}

/**
 * Plans the removal of what is selected in the stores, one after the other. Entries that can't be read are told and left alone; a
 * thumbprint that none of the stores has is told at the end.
 */
export async function* planRemoval(
  stores: AsyncIterable<OwnedStore> | Iterable<OwnedStore>,
  { selection, named }: RemovalRequest,
  unreadable: Unreadable,
  signal: AbortSignal,
): AsyncGenerator<PlannedStep> {
  const missing = new Set(selection.thumbprints);
  const names = new Set<string>();
  const profiles = new Set<string | null>();
  for await (const found of stores) {
    names.add(found.store.name);
    profiles.add(found.owner.profilePath);
    for await (const stored of candidates(found, selection, unreadable, signal)) {
      missing.delete(stored.entry.thumbprint);
      if (!isSelected(stored, found.owner, selection)) continue;
      const decision = decideRemoval(stored.entry, named);
      yield removalStep(describe(stored, decision, found), named, found.store);
    }
  }
  const [profilePath = null, ...others] = profiles;
  const where = { store: [...names].join(', '), profilePath: others.length === 0 ? profilePath : null };
  for (const thumbprint of missing) yield notFound(thumbprint, where);
}

interface RemovalDecision {
  readonly action: 'Removed' | 'Skipped';
  readonly reason: PropagationReason;
}

/** A link to a software provider wins over any mark; without a link the mark counts; a smart card link counts by itself. */
export function decideRemoval(entry: StoreEntry, named: boolean): RemovalDecision {
  if (named) return { action: 'Removed', reason: 'NamedByThumbprint' };
  const origin = originOf(entry);
  switch (origin.kind) {
    case 'SmartCard':
      return { action: 'Removed', reason: 'SmartCardKeyLink' };
    case 'Software':
      return { action: 'Skipped', reason: 'SoftwareKeyLink' };
    case 'Unlinked':
      return origin.mark === null
        ? { action: 'Skipped', reason: 'NoEvidence' }
        : { action: 'Removed', reason: 'Mark' };
    case 'Unreadable':
      return { action: 'Skipped', reason: 'NoEvidence' };
  }
}

/** It keeps nothing of the entry but what is shown: a store may be large. */
function removalStep(preview: PropagationResult, named: boolean, store: CertificateStore): PlannedStep {
  return { preview, apply: () => applyRemoval({ ...preview, planned: false }, named, store) };
}

async function applyRemoval(
  result: PropagationResult,
  named: boolean,
  store: CertificateStore,
): Promise<StepOutcome> {
  if (result.action === 'Skipped') return { result, error: null };
  let reason: PropagationReason = 'NotFound';
  const stillWanted = (entry: StoreEntry): boolean => {
    reason = 'ChangedMeanwhile';
    return decideRemoval(entry, named).action === 'Removed';
  };
  try {
    if (await store.remove(result.thumbprint, stillWanted)) return { result, error: null };
  } catch (error) {
    if (error instanceof CertPropError) return failed(result, error);
    throw error;
  }
  return { result: withOutcome(result, 'Skipped', reason), error: null };
}

function notFound(thumbprint: string, where: Pick<PropagationResult, 'store' | 'profilePath'>): PlannedStep {
  const preview = resultOf({
    thumbprint,
    info: null,
    ...where,
    action: 'Skipped',
    reason: 'NotFound',
    planned: true,
    provider: null,
    container: null,
    readerName: null,
    cardId: null,
  });
  return { preview, apply: () => Promise.resolve({ result: { ...preview, planned: false }, error: null }) };
}

function describe(
  { entry, info }: StoredCertificate,
  { action, reason }: RemovalDecision,
  { store, owner }: OwnedStore,
): PropagationResult {
  const origin = originOf(entry);
  const link = 'link' in origin ? origin.link : null;
  return resultOf({
    thumbprint: entry.thumbprint,
    info,
    store: store.name,
    profilePath: owner.profilePath,
    action,
    reason,
    planned: true,
    provider: link?.provider ?? null,
    container: link?.container ?? null,
    readerName: origin.mark?.readerName ?? null,
    cardId: origin.mark?.cardId ?? null,
  });
}
