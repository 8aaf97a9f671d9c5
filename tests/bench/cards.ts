/** The cards that are read, one per family; each is written by the family's own tool. */
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import { encodeCertificateFile } from '../../engine/card/minidriver/certificate-file.js';
import { readCardImage } from '../../engine/virtual/card-image.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { blankPkcs15Card, pkcs15Card } from '../../engine/virtual/pkcs15-card.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { makeOpenscCard, openscTool, skipWithoutOpensc, succeed } from '../support/opensc.js';
import type { Pcscd, VirtualReader } from '../support/pcscd.js';
import { writePkcs15Card } from '../support/pkcs15.js';
import { importCertificate, skipWithoutYubico, yubicoTool } from '../support/yubico.js';

export interface BenchCard {
  readonly name: string;
  /** DER, in the order in which CertProp reads them. */
  readonly certificates: readonly Uint8Array[];
  /** The certificates' bytes as they lie on the card, without what is around them. */
  readonly storedBytes: number;
  /** The slots that yubico-piv-tool reads, empty for a card that it doesn't know. */
  readonly pivSlots: readonly string[];
  /** The card as it was written, each time a new one. */
  make(): VirtualCard;
}

interface CardWriter {
  readonly name: string;
  readonly skip: () => string | false;
  /** In a reader that is empty, before and afterwards. */
  readonly write: (pcscd: Pcscd, reader: VirtualReader) => Promise<Omit<BenchCard, 'name'>>;
}

const writers: readonly CardWriter[] = [
  { name: 'GIDS, 3 certificates, by gids-tool and pkcs15-init', skip: skipWithoutOpensc, write: writeGids },
  { name: 'PIV, 4 certificates, by yubico-piv-tool', skip: skipWithoutYubico, write: writePiv },
  { name: 'PKCS #15, 3 certificates, by pkcs15-init', skip: skipWithoutOpensc, write: writePkcs15 },
];

/** Says which cards are left out, and why. */
export async function writeCards(pcscd: Pcscd): Promise<BenchCard[]> {
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error('pcscd has no reader.');
  const cards: BenchCard[] = [];
  for (const { name, skip, write } of writers) {
    const skipped = skip();
    if (skipped === false) cards.push({ name, ...(await write(pcscd, reader)) });
    else console.log(`left out: ${name}: ${skipped}`);
  }
  return cards;
}

async function writeGids(pcscd: Pcscd, reader: VirtualReader): Promise<Omit<BenchCard, 'name'>> {
  const written = await makeOpenscCard(pcscd, reader, 3);
  const certificates = written.certificates.map(({ certificate }) => certificate);
  return {
    certificates,
    storedBytes: totalLength(certificates.map(encodeCertificateFile)),
    pivSlots: [],
    make: () => gidsCard(readCardImage(written.image)),
  };
}

async function writePiv(pcscd: Pcscd, reader: VirtualReader): Promise<Omit<BenchCard, 'name'>> {
  const pivSlots = ['9a', '9c', '9d', '9e'];
  const state = newPivCard();
  const inserted = await insertCard(pivCard(state), reader.port);
  const yubico = yubicoTool(pcscd, reader);
  await succeed(yubico(['--action', 'set-chuid', '--action', 'set-ccc']));
  const issuer = await makeIssuer('PIV Test Root');
  const certificates: Uint8Array[] = [];
  for (const slot of pivSlots) {
    const upn = `${slot}@example.com`;
    const user = { commonName: `User ${slot}`, upn, key: 'RSA-2048', purpose: 'Logon' } as const;
    const { certificate } = await issue(issuer, user);
    await importCertificate(yubico, slot, certificate, 'DER');
    certificates.push(certificate);
  }
  await inserted.remove();
  return { certificates, storedBytes: totalLength(certificates), pivSlots, make: () => pivCard(state) };
}

/** The authority's certificate that is written too is taken off again: it belongs to no key. */
async function writePkcs15(pcscd: Pcscd, reader: VirtualReader): Promise<Omit<BenchCard, 'name'>> {
  const state = blankPkcs15Card('MyEID');
  const inserted = await insertCard(pkcs15Card(state), reader.port);
  const opensc = openscTool(pcscd, reader);
  const written = await writePkcs15Card(opensc, 'MyEID', 3);
  const pins = ['--auth-id', '01', '--pin', 'env:PIN', '--so-pin', 'env:SOPIN'];
  const secrets = { PIN: '123456', SOPIN: '87654321' };
  await succeed(opensc('pkcs15-init', ['--delete-objects', 'cert', '--id', '0a', ...pins], secrets));
  await inserted.remove();
  const certificates = written.certificates.map(({ certificate }) => certificate);
  return {
    certificates,
    storedBytes: totalLength(certificates),
    pivSlots: [],
    make: () => pkcs15Card(state),
  };
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
