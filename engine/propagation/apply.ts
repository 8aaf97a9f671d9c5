/** Steps that put a certificate into a store: each is planned, and decided anew on what the store holds when it is carried out. */
import type { CertificateInfo } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import type { CertificateOnCard, Outcome } from './plan.js';
import { resultOf, withOutcome, type PropagationReason, type PropagationResult } from './result.js';
import { failed, type PlannedStep, type StepOutcome } from './step.js';

/** The certificate that a step is about, and where it comes from. Text is outside text. */
export interface Subject {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly info: CertificateInfo;
  readonly container: string | null;
  /** Null for what is on no card. */
  readonly readerName: string | null;
  readonly cardId: string | null;
}

/** What is to be done, upon the entry of the same thumbprint. Found on several cards, the subject is the one that was chosen. */
export type Decide = (existing: StoreEntry | null) => {
  readonly subject: Subject;
  readonly outcome: Outcome;
};

export function subjectOf({ card, file, info }: CertificateOnCard): Subject {
  const { readerName, cardId } = card;
  return {
    certificate: file.certificate,
    info,
    container: file.container?.name ?? null,
    readerName,
    cardId,
  };
}

/**
 * @param subject the certificate as long as the store's entry is not known
 * @param withoutRights why the certificate is left out where the store may not be changed; null: then that is an error
 */
export async function planStep(
  subject: Subject,
  store: CertificateStore,
  decide: Decide,
  withoutRights: PropagationReason | null = null,
): Promise<PlannedStep> {
  const preview = await previewOf(subject, store, decide);
  return { preview, apply: () => applyStep(subject, store, decide, withoutRights) };
}

/** An entry that can't be read is this certificate's failure; a store that can't be read is everybody's. */
async function previewOf(
  subject: Subject,
  store: CertificateStore,
  decide: Decide,
): Promise<PropagationResult> {
  try {
    return describe(await decideNow(subject, store, decide), store, true);
  } catch (error) {
    if (!(error instanceof CertPropError) || error.details.thumbprint === undefined) throw error;
    return failed(describe(unread(subject), store, true), error).result;
  }
}

async function applyStep(
  subject: Subject,
  store: CertificateStore,
  decide: Decide,
  withoutRights: PropagationReason | null,
): Promise<StepOutcome> {
  let result = describe(unread(subject), store, false);
  try {
    const expected = await decideNow(subject, store, decide);
    result = describe(expected, store, false);
    if ('properties' in expected.outcome) result = await writeDecided(subject, store, decide);
    return { result, error: null };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    if (withoutRights === null || error.id !== 'StoreAccessDenied') return failed(result, error);
    return { result: withOutcome(result, 'Skipped', withoutRights), error: null, warning: error };
  }
}

/** Another program may have been faster: what counts is what the store holds under its lock. */
async function writeDecided(
  subject: Subject,
  store: CertificateStore,
  decide: Decide,
): Promise<PropagationResult> {
  let decided = unread(subject);
  await store.add(
    subject.certificate,
    (existing) => {
      decided = decide(existing);
      return 'properties' in decided.outcome ? decided.outcome.properties : null;
    },
    'ReplaceExistingInheritProperties',
  );
  return describe(decided, store, false);
}

/** The decision as long as the store's entry is not known. */
function unread(subject: Subject): ReturnType<Decide> {
  return { subject, outcome: { action: 'Skipped', reason: 'Failed' } };
}

/** A corrupt entry is left alone: it may hold what a person can still save. */
async function decideNow(
  subject: Subject,
  store: CertificateStore,
  decide: Decide,
): Promise<ReturnType<Decide>> {
  try {
    return decide(await store.find(subject.info.thumbprint));
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'MalformedStoreElement') {
      return { subject, outcome: { action: 'Skipped', reason: 'CorruptEntry' } };
    }
    throw error;
  }
}

function describe(
  { subject, outcome }: ReturnType<Decide>,
  store: CertificateStore,
  planned: boolean,
): PropagationResult {
  const { info, container, readerName, cardId } = subject;
  const link = 'link' in outcome ? outcome.link : null;
  return resultOf({
    ...{ thumbprint: info.thumbprint, info, store: store.name, planned },
    ...{ action: outcome.action, reason: outcome.reason },
    detail: 'detail' in outcome ? outcome.detail : undefined,
    provider: link?.provider ?? null,
    container: link?.container ?? container,
    ...{ readerName, cardId },
  });
}
