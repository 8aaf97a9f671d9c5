/** Takes back what CertProp propagated from cards that are no longer inserted. */
import { CertPropError } from '../errors.js';
import { policyOf } from '../policy/policy.js';
import { storeOfNobody } from '../propagation/found-store.js';
import { planRemoval } from '../propagation/removal.js';
import { everything } from '../propagation/selection.js';
import type { PlannedStep } from '../propagation/step.js';
import type { CertificateStore } from '../store/store.js';
import type { Parameters } from './contract.js';
import type { EventQueue } from './events.js';
import { seeCards } from './session-cards.js';
import { authorityPlace, openAuthorityStore } from './stores.js';
import { readersNotReadable } from './unknown-cards.js';
import type { World } from './world.js';

export type CleanUpOptions = Pick<
  Parameters<'watch/run'>,
  'storePlace' | 'storeName' | 'removeOnCardRemoval' | 'pkcs11Module' | 'trace'
>;

/**
 * Roots go where policy cleans up on card removal, other certificates only if that was asked for; both only with CertProp's mark. What
 * another inserted card holds stays, and everything does as long as not every card can be read.
 */
export async function* planCleanUp(
  world: World,
  options: CleanUpOptions,
  out: EventQueue,
  signal: AbortSignal,
): AsyncGenerator<PlannedStep> {
  const steps: PlannedStep[] = [];
  for (const store of await storesToClean(world, options)) {
    steps.push(...(await markedIn(store, options, out, signal)));
  }
  if (steps.length === 0) return;
  const reading = { ...options, files: 'All', keys: false } as const;
  const { certificates, complete } = await seeCards(world, null, reading, out, signal);
  if (!complete) {
    out.problem(readersNotReadable(), 'warning');
    return;
  }
  yield* steps.filter(({ preview }) => !certificates.has(preview.thumbprint));
}

async function storesToClean(
  world: World,
  { storePlace, storeName, removeOnCardRemoval }: CleanUpOptions,
): Promise<readonly CertificateStore[]> {
  const personal = removeOnCardRemoval ? [await world.openStore(storePlace, storeName)] : [];
  const cleanUp = policyOf('RootCertificateCleanupOption', await world.policies.read()).effective;
  if (cleanUp !== 'OnCardRemoval' || authorityPlace(storePlace, 'Root') === null) return personal;
  const { store, mayWrite } = await openAuthorityStore(world, storePlace, 'Root');
  // A task with an administrator's rights does it then (examples/logon).
  return mayWrite ? [...personal, store] : personal;
}

/** A folder that doesn't exist yet has nothing to be cleaned of. */
async function markedIn(
  store: CertificateStore,
  { trace }: CleanUpOptions,
  out: EventQueue,
  signal: AbortSignal,
): Promise<readonly PlannedStep[]> {
  const request = { selection: { ...everything, evidence: 'Mark' }, named: false } as const;
  const steps: PlannedStep[] = [];
  try {
    for await (const step of planRemoval([storeOfNobody(store)], request, out.warnAndWait, signal))
      steps.push(step);
  } catch (error) {
    if (!(error instanceof CertPropError) || error.id !== 'StoreUnavailable') throw error;
    out.observer(trace).verbose(`Nothing is cleaned up: ${error.message}`);
  }
  return steps;
}
