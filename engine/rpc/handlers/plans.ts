import { CertPropError } from '../../errors.js';
import { planPropagation } from '../../propagation/apply.js';
import { groupByThumbprint, type CertificateOnCard } from '../../propagation/plan.js';
import { readCards, type CardRequest } from '../../propagation/read-cards.js';
import { normalSerialNumber, planRemoval, type RemovalSelection } from '../../propagation/removal.js';
import type { PlannedStep } from '../../propagation/step.js';
import { chooseCards, chooseTargets } from '../choose.js';
import type { Parameters, Results } from '../contract.js';
import { describeError } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

/** Plans the propagation of what is on the cards; streams each step's preview. */
export async function planCards(
  { readers, openStore, version, now }: World,
  parameters: Parameters<'propagation/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const { targets, keyProvider, trace } = parameters;
  const store = openStore(parameters.storePath, parameters.storeName);
  const out = new EventQueue(context);
  const requests =
    targets === null
      ? await chooseCards(readers, parameters.readers, null, out)
      : await chooseTargets(readers, targets, out);
  const found: CertificateOnCard[] = [];
  await readCards(
    readers,
    requests,
    { files: 'Certificates', keys: true },
    out.observer(trace),
    (certificate) => found.push(certificate),
    context.signal,
  );
  const steps: PlannedStep[] = [];
  for (const sources of groupByThumbprint(found)) {
    context.signal.throwIfAborted();
    const step = await planPropagation(sources, store, { keyProvider, version, now: now() });
    out.send({ kind: 'result', index: steps.length, result: step.preview });
    steps.push(step);
  }
  await out.sent();
  return steps;
}

/** Plans the removal of what is selected in a store; streams each step's preview. */
export async function planSelected(
  world: World,
  parameters: Parameters<'removal/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const store = world.openStore(parameters.storePath, parameters.storeName);
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
  const { thumbprints, named, subjects, serialNumbers, notOnCard, expired } = parameters;
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
  async function thumbprintsIn(patterns: readonly string[] | null): Promise<ReadonlySet<string>> {
    const requests = await chooseCards(world.readers, patterns, null, out);
    const { found, complete } = await thumbprintsOn(world, requests, parameters, context, out);
    if (patterns === null && !complete) throw readersNotReadable();
    return found;
  }
}

async function thumbprintsOn(
  { readers }: World,
  requests: readonly CardRequest[],
  { trace }: Parameters<'removal/plan'>,
  { signal }: RequestContext,
  out: EventQueue,
): Promise<{ readonly found: ReadonlySet<string>; readonly complete: boolean }> {
  const found = new Set<string>();
  const complete = await readCards(
    readers,
    requests,
    { files: 'Certificates', keys: false },
    out.observer(trace),
    ({ info }) => found.add(info.thumbprint),
    signal,
  );
  return { found, complete };
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
