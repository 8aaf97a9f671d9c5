import type { PlannedStep } from '../propagation/step.js';
import type { EventQueue } from './events.js';

/** Keeps the steps of a plan and streams each one's preview. */
export async function streamPreviews(
  steps: AsyncIterable<PlannedStep>,
  out: EventQueue,
): Promise<readonly PlannedStep[]> {
  const kept: PlannedStep[] = [];
  for await (const step of steps) {
    out.send({ kind: 'result', index: kept.length, result: step.preview });
    await out.room();
    kept.push(step);
  }
  await out.sent();
  return kept;
}
