import { allPolicies, findingAbout } from '../../policy/policy.js';
import type { Parameters, Results } from '../contract.js';
import { describePolicy } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

/** Says what group policy comes to; values that mean nothing are streamed as warnings. */
export async function readPolicies(
  world: World,
  _parameters: Parameters<'policy/read'>,
  context: RequestContext,
): Promise<Results['policy/read']> {
  const policies = allPolicies(await world.policies.read());
  const out = new EventQueue(context);
  for (const policy of policies) {
    const finding = findingAbout(policy);
    if (finding !== null) out.problem(finding, 'warning');
  }
  await out.sent();
  return { policies: policies.map(describePolicy) };
}
