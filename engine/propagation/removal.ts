/** Takes back what was propagated: which of the certificates that are meant may go. */
import { CertPropError } from '../errors.js';
import type { Backup, BackupPlace, KeptKey } from '../backup/backup.js';
import { type ExactStore, exactStoreOf } from '../backup/exact-store.js';
import { keysOf } from '../backup/keys.js';
import { decodeEntry } from '../store/entry-file.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { candidates } from './candidates.js';
import type { OwnedStore } from './found-store.js';
import { linkOf, noOriginFacts, originFacts, originOf } from './origin.js';
import { resultOf, withOutcome, type PropagationReason, type PropagationResult } from './result.js';
import { isSelected, type Selection } from './selection.js';
import { failed, settledStep, type PlannedStep, type StepOutcome } from './step.js';
import type { StoredOutline, Unreadable } from './stored-certificate.js';

export interface StoreToClear extends OwnedStore {
  /** Null or absent: what is removed is not kept. */
  readonly keptIn?: KeptIn | null;
}

export interface KeptIn {
  readonly backup: Backup;
  /** Where the store lies, as the backup remembers it. */
  readonly place: BackupPlace;
}

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
  stores: AsyncIterable<StoreToClear> | Iterable<StoreToClear>,
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
      yield removalStep(describe(stored, decision, found), named, found);
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
function removalStep(
  preview: PropagationResult,
  named: boolean,
  { store, keptIn = null }: StoreToClear,
): PlannedStep {
  const result = { ...preview, planned: false };
  const removal: Removal = {
    result,
    stillWanted: (entry) => decideRemoval(entry, named).action === 'Removed',
  };
  return {
    preview,
    apply: () =>
      applyRemoval(result, () =>
        keptIn === null ? remove(removal, store) : keepAndRemove(removal, store, keptIn),
      ),
  };
}

async function applyRemoval(
  result: PropagationResult,
  work: () => Promise<PropagationResult>,
): Promise<StepOutcome> {
  if (result.action === 'Skipped') return { result, error: null };
  try {
    return { result: await work(), error: null };
  } catch (error) {
    if (error instanceof CertPropError) return failed(result, error);
    throw error;
  }
}

interface Removal {
  readonly result: PropagationResult;
  readonly stillWanted: (entry: StoreEntry) => boolean;
}

async function remove({ result, stillWanted }: Removal, store: CertificateStore): Promise<PropagationResult> {
  let reason: PropagationReason = 'NotFound';
  const isRemoved = await store.remove(result.thumbprint, (entry) => {
    reason = 'ChangedMeanwhile';
    return stillWanted(entry);
  });
  return isRemoved ? result : withOutcome(result, 'Skipped', reason);
}

/** Removes only what is in the backup, byte for byte. */
async function keepAndRemove(
  { result, stillWanted }: Removal,
  store: CertificateStore,
  { backup, place }: KeptIn,
): Promise<PropagationResult> {
  const { thumbprint } = result;
  const exact = exactStoreOf(store);
  const stored = await exact.readExact(thumbprint);
  if (stored === null) return withOutcome(result, 'Skipped', 'NotFound');
  const entry = decodeEntry(stored.name, thumbprint, stored.bytes);
  if (!stillWanted(entry)) return withOutcome(result, 'Skipped', 'ChangedMeanwhile');
  const keys = await keysPointedAt(entry, exact);
  const { name: fileName, rights, bytes } = stored;
  const kept = { place, storeName: store.name, thumbprint, fileName, rights, keys };
  const backupPath = await backup.keep(kept, bytes);
  switch (await exact.removeExact(thumbprint, bytes)) {
    case 'Removed':
      return { ...result, backupPath: visible(backupPath) };
    case 'Gone':
      return withOutcome(result, 'Skipped', 'NotFound');
    case 'Changed':
      return withOutcome(result, 'Skipped', 'ChangedMeanwhile');
  }
}

async function keysPointedAt(entry: StoreEntry, { keys }: ExactStore): Promise<readonly KeptKey[]> {
  const link = linkOf(originOf(entry));
  return keys === null || link === null ? [] : keysOf(keys, link);
}

function notFound(thumbprint: string, where: Pick<PropagationResult, 'store' | 'profilePath'>): PlannedStep {
  return settledStep(
    resultOf({
      ...{ thumbprint, info: null, ...where, planned: true },
      ...{ action: 'Skipped', reason: 'NotFound', ...noOriginFacts },
    }),
  );
}

function describe(
  { entry, info }: StoredOutline,
  { action, reason }: RemovalDecision,
  { store, owner }: OwnedStore,
): PropagationResult {
  return resultOf({
    thumbprint: entry.thumbprint,
    info,
    store: store.name,
    profilePath: owner.profilePath,
    action,
    reason,
    planned: true,
    ...originFacts(originOf(entry)),
  });
}
