/** The certificates that a PKCS #11 module gives, as if they were read from the cards. */
import { readCertificate } from '../certificate/x509.js';
import { CertPropError } from '../errors.js';
import type { Pkcs11Certificate, Pkcs11Reading, Pkcs11Token } from '../pkcs11/pkcs11.js';
import { visible } from '../text.js';
import type { CertificateOnCard } from './plan.js';
import type { CardObserver } from './visit-cards.js';

/** @returns the certificates, and whether all of them could be read */
export async function certificatesOf(
  { tokens, failure }: Pkcs11Reading,
  observer: CardObserver,
): Promise<{ readonly certificates: readonly CertificateOnCard[]; readonly complete: boolean }> {
  const certificates: CertificateOnCard[] = [];
  const problems: CertPropError[] = failure === null ? [] : [failure];
  for (const token of tokens) {
    observer.verbose(`PKCS #11: token "${visible(token.label)}" in "${visible(token.slotDescription)}".`);
    problems.push(...token.problems);
    for (const object of token.certificates) {
      try {
        certificates.push(await certificateOnToken(token, object));
      } catch (error) {
        if (!(error instanceof CertPropError)) throw error;
        problems.push(aboutObject(error, token, object));
      }
    }
  }
  for (const problem of problems) observer.problem(problem, 'error');
  return { certificates, complete: problems.length === 0 };
}

async function certificateOnToken(token: Pkcs11Token, object: Pkcs11Certificate): Promise<CertificateOnCard> {
  const { certificate, label, id } = object;
  const info = await readCertificate(certificate);
  return {
    card: { readerName: token.slotDescription, cardId: tokenId(token), family: 'PKCS11' },
    file: {
      fileName: label === '' ? id : label,
      certificate,
      slot: id === '' ? null : id,
      container: null,
      keySpec: 'KeyExchange',
      key: hidesKeys(token) || object.hasKey ? 'Unnamed' : 'None',
      label: label === '' ? null : label,
      isRoot: false,
    },
    info,
    key: null,
    links: null,
  };
}

/** Tokens without a serial number are told apart by their labels. */
function tokenId({ serialNumber, label }: Pkcs11Token): string {
  return serialNumber === '' ? label : serialNumber;
}

/** A token that shows no key at all may hide them until a login, which is never made. */
function hidesKeys({ certificates }: Pkcs11Token): boolean {
  return certificates.every(({ hasKey }) => !hasKey);
}

function aboutObject(error: CertPropError, token: Pkcs11Token, object: Pkcs11Certificate): CertPropError {
  const readerName = visible(token.slotDescription);
  const file = visible(object.label === '' ? object.id : object.label);
  return new CertPropError(
    error.id,
    `The certificate "${file}" of the token in "${readerName}" can't be used: ${error.message}`,
    { ...error.details, readerName, cardId: tokenId(token), file },
    { cause: error },
  );
}
