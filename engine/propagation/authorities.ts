/** Certificates of authorities: roots for the machine's SmartCardRoot, intermediates for CA. They get no key link, only CertProp's mark. */
import { CertPropError } from '../errors.js';
import { propertyId } from '../store/property-id.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { planStep, subjectOf, type Subject } from './apply.js';
import { planLeftOut } from './left-out.js';
import { markFor, type Outcome, type PropagationPolicy, type Sources } from './plan.js';
import { failed, type PlannedStep } from './step.js';

type MarkPolicy = Pick<PropagationPolicy, 'version' | 'now'>;

/** A store of authorities. */
export interface AuthorityStore {
  readonly store: CertificateStore;
  /** The machine's: that a user may not change it is no error. */
  readonly isMachines: boolean;
  /** Whether it can be changed, as far as that is known beforehand. */
  readonly mayWrite: boolean;
}

/** A store of authorities that can't be read concerns these certificates alone. */
export async function planAuthority(
  [source]: Sources,
  { store, isMachines, mayWrite }: AuthorityStore,
  policy: MarkPolicy,
): Promise<PlannedStep> {
  const subject = subjectOf(source);
  try {
    return await planStep(
      subject,
      store,
      (existing) => ({
        subject,
        outcome:
          existing === null && !mayWrite
            ? { action: 'Skipped', reason: 'NoRights' }
            : outcomeFor(subject, existing, policy),
      }),
      isMachines ? 'NoRights' : null,
    );
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    return unreadable(subject, store, error);
  }
}

/** One that is there stays as it is, whoever put it there: without CertProp's mark it is never taken back. */
function outcomeFor(
  { readerName, cardId }: Subject,
  existing: StoreEntry | null,
  policy: MarkPolicy,
): Outcome {
  if (existing !== null) return { action: 'Unchanged', reason: 'AlreadyInStore', link: null };
  const mark = markFor({ readerName: readerName ?? '', cardId: cardId ?? '' }, policy);
  const properties = new Map([[propertyId.description, mark]]);
  return { action: 'Added', reason: 'NotInStore', link: null, properties };
}

function unreadable(subject: Subject, store: CertificateStore, error: CertPropError): PlannedStep {
  const { preview, apply } = planLeftOut(subject, store.name, { reason: 'Failed' });
  return {
    preview: failed(preview, error).result,
    apply: async () => failed((await apply()).result, error),
  };
}
