/** Plans what becomes of everything that was found on the cards: one step after the other, each for one certificate and one store. */
import { CertPropError } from '../errors.js';
import type { CertificateStore, StoreEntry } from '../store/store.js';
import { planStep, subjectOf } from './apply.js';
import { planAuthority, type AuthorityStore } from './authorities.js';
import { planLeftOut } from './left-out.js';
import { withMovedKeys } from './links.js';
import { placementOf, type Destination, type Placement, type PlacementPolicy } from './placement.js';
import {
  decide,
  groupByThumbprint,
  type CertificateOnCard,
  type PropagationPolicy,
  type Sources,
} from './plan.js';
import {
  heritageOf,
  pendingRequests,
  planCompletion,
  planFiling,
  requestFor,
  type StoredContext,
} from './requests.js';
import type { PlannedStep } from './step.js';
import type { StoredCertificate } from './stored-certificate.js';

/** Those besides the Personal store are opened when something belongs there. */
export interface PropagationStores {
  readonly personal: CertificateStore;
  /** Null where the store can't keep what belongs to a request. */
  readonly request: CertificateStore | null;
  readonly open: (destination: Exclude<Destination, 'Personal'>) => Promise<AuthorityStore>;
}

export interface WholePolicy extends PropagationPolicy, PlacementPolicy {}

/** @param contexts what other stores hold: of these only enrollment requests are taken */
export async function* planPropagation(
  found: readonly CertificateOnCard[],
  contexts: readonly StoredContext[],
  stores: PropagationStores,
  policy: WholePolicy,
  signal: AbortSignal,
): AsyncGenerator<PlannedStep> {
  const pending = stores.request === null ? [] : await pendingRequests(stores.request, signal);
  for (const { sources, destination, leftOut } of placedGroups(found, policy)) {
    signal.throwIfAborted();
    if (leftOut !== null) yield planLeftOut(subjectOf(sources[0]), nameOf(destination, stores), leftOut);
    else if (destination === 'Personal') yield* planPersonal(sources, stores, pending, policy);
    else yield planAuthority(sources, await stores.open(destination), policy);
  }
  const onCards = new Set(found.map(({ info }) => info.thumbprint));
  for (const context of contexts) {
    if (onCards.has(context.info.thumbprint) || stores.request === null) continue;
    yield planFiling(context, stores.request, policy);
  }
}

export const authorityStores = { Root: 'SmartCardRoot', Intermediate: 'CA' } as const;

function nameOf(destination: Destination, { personal }: PropagationStores): string {
  return destination === 'Personal' ? personal.name : authorityStores[destination];
}

interface PlacedGroup extends Placement {
  readonly sources: Sources;
}

const order: readonly Destination[] = ['Personal', 'Intermediate', 'Root'];

function placedGroups(found: readonly CertificateOnCard[], policy: PlacementPolicy): readonly PlacedGroup[] {
  return groupByThumbprint(withMovedKeys(found))
    .flatMap((sources) => placed(sources, policy))
    .sort((a, b) => order.indexOf(a.destination) - order.indexOf(b.destination));
}

/** A certificate that belongs into a store in one place on the cards is not left out because of another place. */
function placed(sources: Sources, policy: PlacementPolicy): readonly PlacedGroup[] {
  const groups = new Map<Destination, PlacedGroup>();
  for (const source of sources) {
    const placement = placementOf(source, policy);
    const group = groups.get(placement.destination);
    if (group === undefined || (group.leftOut !== null && placement.leftOut === null))
      groups.set(placement.destination, { ...placement, sources: [source] });
    else if (group.leftOut === null && placement.leftOut === null)
      groups.set(placement.destination, { ...group, sources: [...group.sources, source] });
  }
  const all = [...groups.values()];
  const wanted = all.filter(({ leftOut }) => leftOut === null);
  return wanted.length > 0 ? wanted : all.slice(0, 1);
}

/** The certificate's own step, and that of the request that it answers. */
async function* planPersonal(
  sources: Sources,
  { personal, request }: PropagationStores,
  pending: readonly StoredCertificate[],
  policy: PropagationPolicy,
): AsyncGenerator<PlannedStep> {
  const answered = await answeredRequest(sources, personal, pending);
  const storePolicy = {
    ...policy,
    keepsProperties: personal.keepsProperties,
    request: answered === null ? null : heritageOf(answered),
  };
  const step = await planStep(subjectOf(sources[0]), personal, (existing) => {
    const { source, outcome } = decide(sources, existing, storePolicy);
    return { subject: subjectOf(source), outcome };
  });
  yield step;
  if (answered !== null && request !== null && step.preview.action !== 'Skipped')
    yield planCompletion(answered, sources[0], { personal, request });
}

async function answeredRequest(
  [source]: Sources,
  personal: CertificateStore,
  pending: readonly StoredCertificate[],
): Promise<StoredCertificate | null> {
  if (requestFor(source, null, pending) === null) return null;
  return requestFor(source, await entryIn(personal, source.info.thumbprint), pending);
}

/** One that can't be read is told when the certificate's own step is planned. */
async function entryIn(store: CertificateStore, thumbprint: string): Promise<StoreEntry | null> {
  try {
    return await store.find(thumbprint);
  } catch (error) {
    if (error instanceof CertPropError) return null;
    throw error;
  }
}
