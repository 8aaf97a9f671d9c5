import { passed, type Check } from '../finding.js';
import { judgePolicy, unreadablePolicies } from '../policy-check.js';

/** CertPropEnabled. */
export const propagationPolicy: Check = {
  name: 'PropagationPolicy',
  judge: (facts) =>
    unreadablePolicies(facts) ??
    judgePolicy(facts, 'CertPropEnabled', ({ effective, path }, evidence) =>
      effective === 'Enabled'
        ? passed('Policy allows that certificates are propagated.', evidence)
        : {
            status: 'Failed',
            finding: 'Policy turns certificate propagation off: no certificate comes to any store.',
            evidence,
            remedy: `Set the policy "Turn on certificate propagation from smart card" (CertPropEnabled in ${path} to 1), or as an administrator Invoke-CertPropagation -IgnorePolicy.`,
          },
    ),
};
