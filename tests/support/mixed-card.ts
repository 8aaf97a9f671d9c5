/** A GIDS card with one certificate of each kind that propagation tells apart. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../build/root.js';
import { encodeCertificateFile } from '../../engine/card/minidriver/certificate-file.js';
import { encodeRoots } from '../../engine/card/minidriver/msroots.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import type { CardState } from '../../engine/virtual/card-state.js';
import { publicKeyValue } from '../../engine/virtual/keys.js';
import { addContainer, initializedCard, putFile } from '../../engine/virtual/personalization.js';

/** By kind, the files of tests/fixtures/certificates. Those in `scope` have one key, which is in all the card's containers. */
const files = {
  personal: 'scope/user-template-user',
  computer: 'scope/computer-machine',
  otherKey: 'user-rsa',
  noKey: 'scope/user-dns-and-upn',
  intermediate: 'authority/intermediate',
  root: 'authority/root-ec',
  falseRoot: 'authority/false-root',
} as const;

export type Kind = keyof typeof files;

export interface MixedCard {
  readonly state: CardState;
  readonly thumbprints: Readonly<Record<Kind, string>>;
}

/** The personal certificate is in two files, one of which has no container; the root is in msroots twice. */
export function makeMixedCard(): MixedCard {
  const state = initializedCard({
    ...{ cardId: randomBytes(16), pin: Buffer.from('123456'), adminKey: randomBytes(24) },
  });
  const key = new X509Certificate(certificateOf('personal')).publicKey;
  for (const kind of ['personal', 'computer', 'otherKey'] as const) {
    const index = addContainer(state, {
      ...{ name: `key of ${kind}`, keySpec: 'KeyExchange', keySizeBits: 256, mechanism: 0x0c },
      publicKey: publicKeyValue(key),
    });
    putCertificate(state, index, kind);
  }
  putCertificate(state, 7, 'noKey');
  putCertificate(state, 8, 'personal');
  const roots = (['intermediate', 'root', 'falseRoot', 'root'] as const).map(certificateOf);
  putFile(state, { directory: 'mscp', name: 'msroots' }, encodeRoots(roots));
  const thumbprints = Object.fromEntries(
    (Object.keys(files) as Kind[]).map((kind) => [kind, thumbprintOf(certificateOf(kind))]),
  ) as Record<Kind, string>;
  return { state, thumbprints };
}

function certificateOf(kind: Kind): Uint8Array {
  return readFileSync(join(root, 'tests', 'fixtures', 'certificates', `${files[kind]}.der`));
}

function putCertificate(state: CardState, index: number, kind: Kind): void {
  const name = `kxc0${index}`;
  putFile(state, { directory: 'mscp', name }, encodeCertificateFile(certificateOf(kind)));
}
