import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { chainOf, thumbprint } from '../chain.js';
import { evidenceOf, named } from '../certificates.js';
import type { Facts } from '../facts.js';
import { authoritiesOf, forSignIn } from '../trust.js';
import { counted, judgeEach, unseen, type Check, type Judgment } from '../finding.js';

/** The chain of each certificate for signing in ends in a root that is on the card, in SmartCardRoot, or trusted. */
export const rootTrust: Check = {
  name: 'RootTrust',
  judge: (facts) =>
    judgeEach(forSignIn(facts), untrusted(facts), {
      none: 'No certificate on the cards is for signing in.',
      passed: (count) =>
        `${counted(count, 'certificate')} for signing in: the chain of each ends in a known root.`,
    }),
};

function untrusted(facts: Facts): (source: CertificateOnCard) => Judgment | null {
  const known = authoritiesOf(facts);
  return (source) => {
    const chain = chainOf(source.file.certificate, known);
    if (chain === null || chain.isWhole) return null;
    if (facts.authorities.kind === 'NotHere') return unseen(facts.authorities);
    const last = chain.authorities.at(-1);
    const missing = last?.certificate.issuer.replaceAll('\n', ', ') ?? source.info.issuer;
    return {
      status: 'Failed',
      finding: `${named(source)} is issued under an authority that is not known here: ${missing}.`,
      evidence: {
        ...evidenceOf(source),
        missing,
        ...{ chain: chain.authorities.map(({ certificate }) => thumbprint(certificate)).join(', ') || null },
      },
      remedy:
        "Invoke-CertPropagation (elevated) puts the card's roots into SmartCardRoot; otherwise distribute the authority's certificate by group policy (Trusted Root Certification Authorities).",
    };
  };
}
