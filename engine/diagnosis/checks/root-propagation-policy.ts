import { passed, type Check } from '../finding.js';
import { judgePolicy, otherwiseTold } from '../policy-check.js';

/** EnableRootCertificatePropagation. */
export const rootPropagationPolicy: Check = {
  name: 'RootPropagationPolicy',
  judge: (facts) =>
    facts.policies.kind === 'Unreadable'
      ? [otherwiseTold]
      : judgePolicy(facts, 'EnableRootCertificatePropagation', ({ effective, path }, evidence) =>
          effective === 'Enabled'
            ? passed('Policy allows that root certificates are propagated.', evidence)
            : {
                status: 'Warning',
                finding: 'Policy leaves root certificates on the cards: what they issued may not be trusted.',
                evidence,
                remedy: `Set the policy "Turn on root certificate propagation from smart card" (EnableRootCertificatePropagation in ${path} to 1), or distribute the roots by group policy.`,
              },
        ),
};
