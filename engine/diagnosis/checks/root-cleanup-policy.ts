import { passed, type Check } from '../finding.js';
import { judgePolicy, otherwiseTold } from '../policy-check.js';

/** RootCertificateCleanupOption. */
export const rootCleanupPolicy: Check = {
  name: 'RootCleanupPolicy',
  judge: (facts) =>
    facts.policies.kind === 'Unreadable'
      ? [otherwiseTold]
      : judgePolicy(facts, 'RootCertificateCleanupOption', ({ effective, path }, evidence) =>
          effective !== 'Never'
            ? passed('Root certificates of cards are removed again, as policy says.', evidence)
            : {
                status: 'Warning',
                finding:
                  'Policy never removes the root certificates that came from cards: the machine goes on trusting them.',
                evidence,
                remedy: `Set the policy "Configure root certificate clean up" (RootCertificateCleanupOption in ${path} to 1 or 2); what is there now: Remove-PropagatedCertificate -Root.`,
              },
        ),
};
