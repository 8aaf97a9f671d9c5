/** The demo's card: a user's logon, authentication and signature certificates, and the root that issued them. */
import { KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { encodeCertificateFile } from '../card/minidriver/certificate-file.js';
import { encodeRoots } from '../card/minidriver/msroots.js';
import type { CardState } from './card-state.js';
import { publicKeyValue } from './keys.js';
import { addContainer, initializedCard, putFile } from './personalization.js';
import { issue, makeIssuer, type UserCertificate } from './sample-certificates.js';

export interface SampleCard {
  readonly state: CardState;
  readonly pin: string;
  /** DER, by the name of their file on the card. */
  readonly certificates: ReadonlyMap<string, Uint8Array>;
  /** DER. */
  readonly root: Uint8Array;
}

const pin = '123456';
const upn = 'ada@example.com';

const users: readonly UserCertificate[] = [
  { commonName: 'Ada Example', upn, key: 'RSA-2048', purpose: 'Logon' },
  { commonName: 'Ada Example (VPN)', upn, key: 'P-256', purpose: 'Authentication' },
  { commonName: 'Ada Example (signature)', upn, key: 'RSA-2048', purpose: 'Signature' },
];

const keyKinds = {
  'RSA-2048': { keySizeBits: 2048, mechanism: 0x07 },
  'P-256': { keySizeBits: 256, mechanism: 0x0c },
} as const;

/** A new card each time: new keys, names and card id. */
export async function makeSampleCard(): Promise<SampleCard> {
  const state = initializedCard({
    cardId: randomBytes(16),
    pin: Buffer.from(pin),
    adminKey: randomBytes(24),
  });
  const issuer = await makeIssuer('Example Smart Card Root');
  const certificates = new Map<string, Uint8Array>();
  for (const user of users) {
    const { certificate, publicKey } = await issue(issuer, user);
    const keySpec = user.purpose === 'Signature' ? 'Signature' : 'KeyExchange';
    const index = addContainer(state, {
      name: randomUUID(),
      keySpec,
      ...keyKinds[user.key],
      publicKey: publicKeyValue(KeyObject.from(publicKey)),
    });
    const fileName = `${keySpec === 'Signature' ? 'ksc' : 'kxc'}${String(index).padStart(2, '0')}`;
    putFile(state, { directory: 'mscp', name: fileName }, encodeCertificateFile(certificate));
    certificates.set(fileName, certificate);
  }
  putFile(state, { directory: 'mscp', name: 'msroots' }, encodeRoots([issuer.certificate]));
  putFile(
    state,
    { directory: '', name: 'cardcf' },
    Uint8Array.of(0, 0, users.length, 0, users.length + 1, 0),
  );
  return { state, pin, certificates, root: issuer.certificate };
}
