import type { CertificateOnCard } from '../../propagation/certificate-on-card.js';
import { chainOf, thumbprint } from '../chain.js';
import { evidenceOf, named } from '../certificates.js';
import type { Facts } from '../facts.js';
import { authoritiesOf, forSignIn } from '../trust.js';
import { counted, judgeEach, unseen, type Check, type Judgment } from '../finding.js';

/** The authority that issued each certificate for signing in is among those that a domain trusts for it (NTAuth). */
export const issuerTrust: Check = {
  name: 'IssuerTrust',
  judge(facts) {
    if (facts.ntAuth.kind !== 'Seen') return [unseen(facts.ntAuth)];
    return judgeEach(forSignIn(facts), notTrusted(facts, facts.ntAuth.value), {
      none: 'No certificate on the cards is for signing in.',
      passed: (count) => `${counted(count, 'certificate')} for signing in: no issuer is missing in NTAuth.`,
    });
  },
};

/** An issuer that is not known is the check RootTrust's. */
function notTrusted(
  facts: Facts,
  ntAuth: ReadonlySet<string>,
): (source: CertificateOnCard) => Judgment | null {
  const known = authoritiesOf(facts);
  return (source) => {
    const issuer = chainOf(source.file.certificate, known)?.authorities[0];
    if (issuer === undefined || ntAuth.has(thumbprint(issuer.certificate))) return null;
    return {
      status: 'Failed',
      finding: `${named(source)} was issued by an authority that is not in NTAuth: a domain does not accept it for signing in.`,
      evidence: {
        ...evidenceOf(source),
        issuer: source.info.issuer,
        issuerThumbprint: thumbprint(issuer.certificate),
      },
      remedy:
        "certutil -dspublish -f <the authority's certificate> NTAuthCA as an enterprise administrator, then gpupdate here.",
    };
  };
}
