/** Takes back what was propagated: which stored certificates are meant, and which of them may go. */
import { CertPropError } from '../errors.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { visible } from '../text.js';
import { originOf } from './origin.js';
import { resultOf, withOutcome, type PropagationReason, type PropagationResult } from './result.js';
import { failed, type PlannedStep, type StepOutcome } from './step.js';
import { readableEntries, type StoredCertificate } from './stored-certificate.js';
import { fits } from './wildcard.js';

/** What a stored certificate has to be to be meant; every field that is not null narrows the selection. */
export interface RemovalSelection {
  readonly thumbprints: ReadonlySet<string> | null;
  /** The thumbprints were typed by a person: such a certificate may go without any evidence. */
  readonly named: boolean;
  /** Wildcards. */
  readonly subjects: readonly string[] | null;
  /** Normalized by `normalSerialNumber`. */
  readonly serialNumbers: ReadonlySet<string> | null;
  /** The thumbprints on certain cards. */
  readonly onCard: ReadonlySet<string> | null;
  /** The thumbprints on all inserted cards: certificates on none of them are meant. */
  readonly notOnCard: ReadonlySet<string> | null;
  /** Only certificates whose NotAfter lies before this time; milliseconds since 1970-01-01T00:00:00Z. */
  readonly expiredAt: number | null;
  /** Only certificates that bear CertProp's mark. */
  readonly markedOnly: boolean;
}

/** Upper-case hex without leading zeros, from what certmgr, certutil or OpenSSL show. */
export function normalSerialNumber(text: string): string {
  return text
    .replace(/[^0-9A-Fa-f]/gu, '')
    .toUpperCase()
    .replace(/^0+(?=.)/u, '');
}

/** Plans the removal of what is selected. Entries that can't be read are told, one after the other, and left alone. */
export async function* planRemoval(
  store: CertificateStore,
  selection: RemovalSelection,
  unreadable: (error: CertPropError) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<PlannedStep> {
  const missing = new Set(selection.thumbprints);
  for await (const stored of readableEntries(store.entries(), store.name, unreadable, signal)) {
    missing.delete(stored.entry.thumbprint);
    if (!isSelected(stored, selection)) continue;
    const decision = decideRemoval(stored.entry, selection.named);
    if (decision.action === 'Skipped' && !isSingledOut(selection)) continue;
    yield removalStep(describe(stored, decision, store), selection.named, store);
  }
  for (const thumbprint of missing) yield notFound(thumbprint, store);
}

function isSelected({ entry, info }: StoredCertificate, selection: RemovalSelection): boolean {
  const { thumbprints, subjects, serialNumbers, onCard, notOnCard, expiredAt, markedOnly } = selection;
  return (
    (thumbprints === null || thumbprints.has(entry.thumbprint)) &&
    (subjects === null || subjects.some((pattern) => fits(pattern, visible(info.subject)))) &&
    (serialNumbers === null || serialNumbers.has(normalSerialNumber(info.serialNumber))) &&
    (onCard === null || onCard.has(entry.thumbprint)) &&
    notOnCard?.has(entry.thumbprint) !== true &&
    (expiredAt === null || info.notAfter < expiredAt) &&
    (!markedOnly || originOf(entry).mark !== null)
  );
}

/** A sweep (expired, not on a card) passes over the user's other certificates in silence; a selection says why one stays. */
function isSingledOut({ thumbprints, subjects, serialNumbers, onCard }: RemovalSelection): boolean {
  return thumbprints !== null || subjects !== null || serialNumbers !== null || onCard !== null;
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

function notFound(thumbprint: string, store: CertificateStore): PlannedStep {
  const preview = resultOf({
    thumbprint,
    info: null,
    store: store.name,
    action: 'Skipped',
    reason: 'NotFound',
    planned: true,
    provider: null,
    container: null,
    readerName: null,
    cardId: null,
  });
  return removalStep(preview, false, store);
}

function describe(
  { entry, info }: StoredCertificate,
  { action, reason }: RemovalDecision,
  store: CertificateStore,
): PropagationResult {
  const origin = originOf(entry);
  const link = 'link' in origin ? origin.link : null;
  return resultOf({
    thumbprint: entry.thumbprint,
    info,
    store: store.name,
    action,
    reason,
    planned: true,
    provider: link?.provider ?? null,
    container: link?.container ?? null,
    readerName: origin.mark?.readerName ?? null,
    cardId: origin.mark?.cardId ?? null,
  });
}
