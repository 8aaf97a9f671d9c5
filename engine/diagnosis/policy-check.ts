import { findingAbout, policyOf, type Policy, type PolicyValues } from '../policy/policy.js';
import type { PolicyName } from '../policy/policies.js';
import type { Facts } from './facts.js';
import { skipped, unseen, type Evidence, type Judgment } from './finding.js';

/** What a check says of one policy: a value that means nothing is wrong whatever else. */
export function judgePolicy<N extends PolicyName>(
  { policies }: Facts,
  name: N,
  judge: (policy: Policy<N>, evidence: Evidence) => Judgment,
): readonly Judgment[] {
  if (policies.kind !== 'Seen') return [unseen(policies)];
  return [judgeValue(policyOf(name, policies.value), policies.value, judge)];
}

function judgeValue<N extends PolicyName>(
  policy: Policy<N>,
  { given }: PolicyValues,
  judge: (policy: Policy<N>, evidence: Evidence) => Judgment,
): Judgment {
  const problem = findingAbout(policy);
  const value = given.get(policy.name) ?? null;
  const evidence = {
    policy: policy.name,
    ...{
      value: typeof value === 'object' ? (value?.type ?? null) : value,
      effective: policy.effective,
      path: policy.path,
    },
  };
  if (problem === null) return judge(policy, evidence);
  return {
    status: 'Warning',
    finding: problem.message,
    evidence,
    remedy: `Correct or remove ${policy.name} in ${policy.path}.`,
  };
}

/** Where the policies can't be read, this check alone says so. */
export function unreadablePolicies({ policies }: Facts): readonly Judgment[] | null {
  if (policies.kind !== 'Unreadable') return null;
  const { id, message, details } = policies.error;
  return [
    {
      status: 'Failed',
      finding: message,
      evidence: { error: id, file: details.file ?? null },
      remedy: 'Correct what the policies are read from, then see with Get-CertPropPolicy what they come to.',
    },
  ];
}

export const otherwiseTold = skipped("The policies can't be read: see PropagationPolicy.");
