import type { PlannedStep } from '../../propagation/step.js';
import type { Parameters, Results } from '../contract.js';
import { describeError } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import { startProgress } from '../progress.js';
import { planCards } from '../propagation.js';
import type { World } from '../world.js';

/** Plans the propagation of what is on the cards; streams each step's preview. */
export async function planPropagation(
  world: World,
  parameters: Parameters<'propagation/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const { readers, targets, ...options } = parameters;
  const out = new EventQueue(context);
  const steps: PlannedStep[] = [];
  for await (const step of planCards(world, { readers, targets }, options, out, context.signal)) {
    out.send({ kind: 'result', index: steps.length, result: step.preview });
    steps.push(step);
  }
  await out.sent();
  return steps;
}

/** Carries out the chosen steps one by one; one that fails does not stop the others. */
export async function applySteps(
  steps: readonly PlannedStep[],
  indexes: readonly number[],
  context: RequestContext,
): Promise<Results['plan/apply']> {
  const { signal, stream } = context;
  const chosen = new Set(indexes);
  const progress = startProgress(new EventQueue(context), 'Changing certificates', chosen.size);
  let count = 0;
  const warned = new Set<string>();
  for (const index of chosen) {
    signal.throwIfAborted();
    progress.tell(count);
    const step = steps[index];
    if (step === undefined) continue;
    const { result, error, warning } = await step.apply();
    await stream({ kind: 'result', index, result });
    if (error !== null) await stream({ kind: 'error', error: describeError(error) });
    if (warning !== undefined && !warned.has(warning.id)) {
      warned.add(warning.id);
      await stream({ kind: 'warning', error: describeError(warning) });
    }
    count++;
  }
  progress.end();
  return { count };
}
