import { linksFor } from '../../propagation/links.js';
import {
  evidenceOf,
  linkingStore,
  named,
  notArchived,
  repairOf,
  type StoredOnCard,
} from '../certificates.js';
import { counted, judgeEach, skipped, type Check, type Judgment } from '../finding.js';

/** Each certificate in the store has a link to its key: otherwise CryptAcquireCertificatePrivateKey fails with 0x8009200B. */
export const keyLink: Check = {
  name: 'KeyLink',
  judge(facts) {
    if (linkingStore(facts) === null) return [skipped('There is no store that could hold key links.')];
    return judgeEach(notArchived(facts), broken, {
      none: 'No certificate of the cards is in the store.',
      passed: (count) => `${counted(count, 'certificate')} of the cards: each has a link to a key.`,
    });
  },
};

const error = '0x8009200B CRYPT_E_NO_KEY_PROPERTY';

function broken(certificate: StoredOnCard): Judgment | null {
  const { origin, source } = certificate;
  if (origin.kind === 'Unlinked')
    return isUnlinkable(certificate)
      ? unlinkable(certificate)
      : wrong(certificate, `${named(source)} is in the store without a link to its key.`);
  if (origin.kind === 'Unreadable')
    return wrong(certificate, `${named(source)} is in the store with a link to its key that can't be read.`);
  return null;
}

/** CertProp stored it so, because nobody names the container. */
function isUnlinkable({ source, origin }: StoredOnCard): boolean {
  return origin.mark !== null && linksFor(source, { keyProvider: 'Auto', keyContainer: null }).length === 0;
}

function unlinkable({ source, origin }: StoredOnCard): Judgment {
  return {
    status: 'Warning',
    finding: `${named(source)} is in the store without a link to its key: the card names no container, and only Windows' providers could.`,
    evidence: { ...evidenceOf(source), link: origin.kind, error },
    remedy: `Run Invoke-CertPropagation on Windows, or name the container: Get-CardCertificate -Thumbprint ${source.info.thumbprint} | Invoke-CertPropagation -KeyContainer <name>.`,
  };
}

function wrong({ source, origin }: StoredOnCard, finding: string): Judgment {
  return {
    status: 'Failed',
    finding,
    evidence: { ...evidenceOf(source), link: origin.kind, error },
    remedy:
      'Invoke-CertPropagation, or Test-CertPropagation -Repair; where the card names no container (PIV, PKCS#15 and OpenPGP off Windows), Invoke-CertPropagation -KeyContainer <name>.',
    repair: repairOf(source),
  };
}
