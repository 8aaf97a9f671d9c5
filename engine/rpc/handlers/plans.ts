import { CertPropError } from '../../errors.js';
import { planStep, subjectOf } from '../../propagation/apply.js';
import { planLeftOut } from '../../propagation/left-out.js';
import { withMovedKeys } from '../../propagation/links.js';
import { decide, groupByThumbprint, type CertificateOnCard, type Sources } from '../../propagation/plan.js';
import { normalSerialNumber, planRemoval, type RemovalSelection } from '../../propagation/removal.js';
import type { PlannedStep } from '../../propagation/step.js';
import { visible } from '../../text.js';
import type { Parameters, Results } from '../contract.js';
import { describeError } from '../describe.js';
import { EventQueue } from '../events.js';
import { gather } from '../gather.js';
import { policyObstacle } from '../permission.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

/** Plans the propagation of what is on the cards; streams each step's preview. */
export async function planCards(
  world: World,
  parameters: Parameters<'propagation/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const { readers, targets, keyContainer, allSlots, pkcs11Module, trace } = parameters;
  const out = new EventQueue(context);
  const planStep = await stepPlanner(world, parameters, out);
  const found: CertificateOnCard[] = [];
  await gather(
    world,
    {
      ...{ readers, targets, thumbprints: null, pkcs11Module, trace },
      links: true,
      contents: { files: 'Certificates', keys: true, allSlots },
    },
    out,
    (certificate) => found.push(certificate),
    context.signal,
  );
  const groups = groupByThumbprint(withMovedKeys(found));
  if (keyContainer !== null) requireOneUnnamedKey(groups, keyContainer);
  const steps: PlannedStep[] = [];
  for (const sources of groups) {
    context.signal.throwIfAborted();
    const step = await planStep(sources);
    out.send({ kind: 'result', index: steps.length, result: step.preview });
    steps.push(step);
  }
  await out.sent();
  return steps;
}

/** What policy forbids is planned without the store, which opening might create. */
async function stepPlanner(
  world: World,
  { ignorePolicy, storePlace, storeName, keyProvider, keyContainer }: Parameters<'propagation/plan'>,
  out: EventQueue,
): Promise<(sources: Sources) => Promise<PlannedStep>> {
  const obstacle = await policyObstacle(world, ignorePolicy, out);
  if (obstacle !== null) {
    const leftOut = { reason: 'PolicyDisabled', detail: obstacle } as const;
    return ([source]) => Promise.resolve(planLeftOut(subjectOf(source), storeName, leftOut));
  }
  const store = await world.openStore(storePlace, storeName);
  const { keepsProperties } = store;
  const policy = { keyProvider, keyContainer, keepsProperties, version: world.version, now: world.now() };
  return (sources) =>
    planStep(subjectOf(sources[0]), store, (existing) => {
      const { source, outcome } = decide(sources, existing, policy);
      return { subject: subjectOf(source), outcome };
    });
}

/** Plans the removal of what is selected in a store; streams each step's preview. */
export async function planSelected(
  world: World,
  parameters: Parameters<'removal/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const store = await world.openStore(parameters.storePlace, parameters.storeName);
  const out = new EventQueue(context);
  const selection = await selectionOf(world, parameters, context, out);
  const steps: PlannedStep[] = [];
  // A store may hold much: no more is read than the client takes.
  const unreadable = (error: CertPropError): Promise<void> => {
    out.problem(error, 'warning');
    return out.sent();
  };
  for await (const step of planRemoval(store, selection, unreadable, context.signal)) {
    out.send({ kind: 'result', index: steps.length, result: step.preview });
    await out.sent();
    steps.push(step);
  }
  return steps;
}

async function selectionOf(
  world: World,
  parameters: Parameters<'removal/plan'>,
  context: RequestContext,
  out: EventQueue,
): Promise<RemovalSelection> {
  const { thumbprints, named, subjects, serialNumbers, notOnCard, expired, pkcs11Module, trace } = parameters;
  return {
    thumbprints: thumbprints === null ? null : new Set(thumbprints),
    named,
    subjects,
    serialNumbers: serialNumbers === null ? null : new Set(serialNumbers.map(normalSerialNumber)),
    onCard: parameters.readers === null ? null : await thumbprintsIn(parameters.readers),
    notOnCard: notOnCard ? await thumbprintsIn(null) : null,
    expiredAt: expired ? world.now() : null,
  };

  /** For certificates that are on no card, every single card has to be known. */
  async function thumbprintsIn(readers: readonly string[] | null): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    const complete = await gather(
      world,
      {
        ...{ readers, targets: null, thumbprints: null, pkcs11Module, trace },
        links: false,
        contents: { files: 'Certificates', keys: false, allSlots: true },
      },
      out,
      ({ info }) => found.add(info.thumbprint),
      context.signal,
    );
    if (readers === null && !complete) throw readersNotReadable();
    return found;
  }
}

function isUnnamed({ file, links }: CertificateOnCard): boolean {
  return file.key === 'Unnamed' && (links ?? []).length === 0;
}

/** One name can't be that of several keys. */
function requireOneUnnamedKey(groups: readonly Sources[], keyContainer: string): void {
  const unnamed = groups.filter((sources) => sources.every(isUnnamed));
  if (unnamed.length <= 1) return;
  throw new CertPropError(
    'KeyContainerAmbiguous',
    `-KeyContainer names one key, "${visible(keyContainer)}", but ${unnamed.length} certificates would be linked to it. Choose one, with -Thumbprint or by piping it.`,
  );
}

function readersNotReadable(): CertPropError {
  return new CertPropError(
    'ReadersNotReadable',
    'Not every card could be read, so it is not known which certificates are on one. Nothing was removed. Take out the cards named before, or name the certificates with -Thumbprint.',
  );
}

/** Carries out the chosen steps one by one; one that fails does not stop the others. */
export async function applySteps(
  steps: readonly PlannedStep[],
  indexes: readonly number[],
  { signal, stream }: RequestContext,
): Promise<Results['plan/apply']> {
  let count = 0;
  for (const index of new Set(indexes)) {
    signal.throwIfAborted();
    const step = steps[index];
    if (step === undefined) continue;
    const { result, error } = await step.apply();
    await stream({ kind: 'result', index, result });
    if (error !== null) await stream({ kind: 'error', error: describeError(error) });
    count++;
  }
  return { count };
}
