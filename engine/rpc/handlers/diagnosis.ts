import { diagnose } from '../../diagnosis/checks.js';
import type { Parameters, Results } from '../contract.js';
import { EventQueue } from '../events.js';
import { gatherFacts } from '../facts.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

/** Streams what the checks say, in their order. */
export async function testPropagation(
  world: World,
  parameters: Parameters<'propagation/test'>,
  context: RequestContext,
): Promise<Results['propagation/test']> {
  const out = new EventQueue(context);
  const findings = diagnose(await gatherFacts(world, parameters, context));
  for (const check of findings) out.send({ kind: 'check', check });
  await out.sent();
  return { count: findings.length };
}
