import { containerOf } from '../../certificate/key-link.js';
import { linksFor } from '../../propagation/links.js';
import { evidenceOf, linked, named, repairOf, type LinkedOnCard } from '../certificates.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';
import { leadsToContainer } from './link-container.js';
import { hasRightProvider } from './link-provider.js';

/** Each link to a CSP names the key of the container that is the certificate's: AT_KEYEXCHANGE (1) or AT_SIGNATURE (2). */
export const linkKeySpec: Check = {
  name: 'LinkKeySpec',
  judge: (facts) =>
    judgeEach(linked(facts).filter(isJudged), wrongKeySpec, {
      none: 'No certificate of the cards is linked to a known container of a CSP.',
      passed: (count) => `${counted(count, 'link')}: each names the right key of its container.`,
    }),
};

function isJudged(certificate: LinkedOnCard): boolean {
  return (
    certificate.link.providerType !== 0 && hasRightProvider(certificate) && leadsToContainer(certificate)
  );
}

function wrongKeySpec({ source, link }: LinkedOnCard): Judgment | null {
  const container = containerOf(link).toLowerCase();
  const wanted = linksFor(source, { keyProvider: 'CSP', keyContainer: null })
    .filter((known) => containerOf(known).toLowerCase() === container)
    .map(({ keySpec }) => keySpec);
  if (wanted.length === 0 || wanted.includes(link.keySpec)) return null;
  return {
    status: 'Failed',
    finding: `${named(source)} is linked with the key spec ${link.keySpec}, but its key has ${wanted.join(' or ')}.`,
    evidence: {
      ...evidenceOf(source),
      container: link.container,
      keySpec: link.keySpec,
      wanted: wanted.join(' or '),
    },
    remedy: 'Invoke-CertPropagation, or Test-CertPropagation -Repair.',
    repair: repairOf(source),
  };
}
