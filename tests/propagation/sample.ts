/** Certificates and cards for the tests of this folder. */
import { readFileSync } from 'node:fs';
import type { CardContainer } from '../../engine/card/card.js';
import { readCertificate } from '../../engine/certificate/x509.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';

export function sampleDer(name: 'user-rsa' | 'user-ec' | 'user-ed25519'): Uint8Array {
  return readFileSync(`tests/fixtures/certificates/${name}.der`);
}

export const container: CardContainer = {
  index: 0,
  name: 'lr-e46f1586-7133-4284-895d-557e2261c24d',
  isDefault: true,
};

export async function onCard(
  name: 'user-rsa' | 'user-ec' | 'user-ed25519',
  changes: Partial<CertificateOnCard['file']> = {},
): Promise<CertificateOnCard> {
  const certificate = sampleDer(name);
  const info = await readCertificate(certificate);
  return {
    card: { readerName: 'Alpha 00', cardId: '00112233445566778899AABBCCDDEEFF', family: 'GIDS' },
    file: {
      ...{ fileName: 'kxc00', certificate, slot: '0', container, keySpec: 'KeyExchange' },
      ...{ key: 'Named', label: null, isRoot: false, ...changes },
    },
    info,
    key: info.publicKey,
    links: null,
  };
}
