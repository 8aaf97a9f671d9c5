/** A healthy set-up of one card family, as files, and the world that they make. */
import {
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  X509Certificate,
  type JsonWebKey,
} from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCertificateFile } from '../../engine/card/minidriver/certificate-file.js';
import { baseCsp, smartCardKsp } from '../../engine/certificate/key-link.js';
import { readCertificate } from '../../engine/certificate/x509.js';
import type { Finding } from '../../engine/diagnosis/finding.js';
import { embeddedReaders, type StoredCard, type VirtualCard } from '../../engine/pcsc/embedded.js';
import type { PolicyName } from '../../engine/policy/policies.js';
import type { ProviderContainer } from '../../engine/provider/provider.js';
import type { ErrorData, Parameters, StreamEvent } from '../../engine/rpc/contract.js';
import { testPropagation } from '../../engine/rpc/handlers/diagnosis.js';
import type { World } from '../../engine/rpc/world.js';
import { profileStore } from '../../engine/store/profile.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import { unknownCardFile, muteCardFile, loadCardFile } from '../../engine/virtual/card-file.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { publicKeyValue } from '../../engine/virtual/keys.js';
import { openpgpCard } from '../../engine/virtual/openpgp-card.js';
import { putOpenpgpCertificate } from '../../engine/virtual/openpgp-card-data.js';
import { putOpenpgpKey } from '../../engine/virtual/openpgp-card-keys.js';
import { newOpenpgpCard, type OpenpgpKeyNumber } from '../../engine/virtual/openpgp-card-state.js';
import { addContainer, initializedCard, putFile } from '../../engine/virtual/personalization.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import {
  certificateEntry,
  der,
  madeImage,
  path,
  privateKeyEntry,
  publicKeyEntry,
  tokenInfo,
} from '../card/pkcs15-made.js';
import { imageCard, type Image } from '../card/pkcs15-image.js';
import { embeddedWorld } from '../support/embedded-world.js';
import { readerNames, type Family } from './faults/bed-files.js';
import { entryOf, reissued, thumbprintOf, writeElement } from './faults/bytes.js';

export const families: readonly Family[] = ['GIDS', 'PIV', 'PKCS15', 'OpenPGP'];

interface HeldCertificate {
  readonly container: string;
  readonly certificate: Buffer;
  readonly earlier: Buffer;
}

/** Keys and certificates, which all families can share: making them takes the longest. */
export interface Material {
  readonly cards: readonly (readonly HeldCertificate[])[];
  readonly root: Buffer;
  readonly issuerKey: Buffer;
  readonly strangerKey: Buffer;
  readonly otherModulus: Buffer;
}

export async function makeMaterial(): Promise<Material> {
  const issuer = await makeIssuer('Diagnosis Test Root');
  const issuerKey = pkcs8(KeyObject.from(issuer.privateKey));
  const made = async (reader: string, index: number): Promise<HeldCertificate> => {
    const user = {
      commonName: `Ada ${reader} ${index}`,
      upn: 'ada@example.com',
      key: 'RSA-2048',
      purpose: 'Logon',
    } as const;
    const certificate = Buffer.from((await issue(issuer, user)).certificate);
    const earlier = reissued(certificate, issuerKey, otherSerialNumber);
    return { container: `lr-${reader.toLowerCase()}-${index}`, certificate, earlier };
  };
  const cards = readerNames.map((reader) => Promise.all([made(reader, 0), made(reader, 1)]));
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
  return {
    cards: await Promise.all(cards),
    root: Buffer.from(issuer.certificate),
    issuerKey,
    strangerKey: pkcs8(stranger.privateKey),
    otherModulus: Buffer.from(other.n ?? '', 'base64url'),
  };
}

function pkcs8(key: KeyObject): Buffer {
  return key.export({ type: 'pkcs8', format: 'der' });
}

/** TBSCertificate: the version, then the serial number as INTEGER of 16 bytes. */
function otherSerialNumber(signed: Buffer): void {
  const at = signed.indexOf(Buffer.of(0x02, 0x10)) + 2;
  signed.writeUInt8(signed.readUInt8(at + 15) ^ 0xff, at + 15);
}

/** Both readers have a card of the family, each with two certificates for signing in; store, policy and machine are in order. */
export function writeBed(folder: string, family: Family, material: Material): void {
  for (const [side, reader] of readerNames.entries()) {
    mkdirSync(join(folder, 'readers', reader), { recursive: true });
    writeFileSync(
      join(folder, 'readers', reader, 'card.json'),
      cardImage(family, side, material.cards[side] ?? []),
    );
  }
  const personal = storeFolder(folder, 'store', 'My');
  for (const { certificate, container } of material.cards.flat()) {
    const entry = entryOf(certificate, { container, provider: baseCsp, type: 1, keySpec: 1 });
    writeFileSync(join(personal, thumbprintOf(certificate)), entry);
  }
  const root = writeElement([{ id: 32, value: material.root }]);
  writeFileSync(join(storeFolder(folder, 'machine', 'SmartCardRoot'), thumbprintOf(material.root)), root);
  writeJson(folder, 'policy.json', {});
  writeJson(folder, 'machine.json', {
    start: 3,
    state: 4,
    ntAuth: [thumbprintOf(material.root)],
    persisted: [],
  });
  writeJson(folder, 'containers.json', containersOf(material));
  writeJson(folder, 'bed.json', {
    certificates: material.cards.map((card) =>
      card.map(({ container, certificate, earlier }) => ({
        container,
        der: hex(certificate),
        earlier: hex(earlier),
      })),
    ),
    issuerKey: hex(material.issuerKey),
    strangerKey: hex(material.strangerKey),
    otherModulus: hex(material.otherModulus),
  });
  writeFileSync(join(folder, 'session.rdp'), 'redirectsmartcards:i:1\r\nredirectsmartcards:i:0\r\n');
}

export function copyBed(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
}

function storeFolder(folder: string, part: 'store' | 'machine', name: string): string {
  const certificates = join(folder, part, 'SystemCertificates', name, 'Certificates');
  mkdirSync(certificates, { recursive: true });
  return certificates;
}

function writeJson(folder: string, name: string, value: object): void {
  writeFileSync(join(folder, name), JSON.stringify(value));
}

function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

interface Container {
  readonly reader: string;
  readonly container: string;
  readonly certificate: string;
}

function containersOf({ cards }: Material): readonly Container[] {
  return cards.flatMap((card, side) =>
    card.map(({ container, certificate }) => ({
      reader: readerNames[side] ?? '',
      container,
      certificate: hex(certificate),
    })),
  );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}

interface OpenpgpImage {
  readonly card: 'OpenPGP';
  readonly serial: number;
  readonly slots: readonly { readonly key: string; readonly jwk: JsonWebKey; readonly certificate: string }[];
}

type OtherImage =
  | { readonly card: 'PIV'; readonly serial: number; readonly objects: Readonly<Record<string, string>> }
  | OpenpgpImage
  | (Image & { readonly card: 'PKCS15' });

function cardImage(family: Family, side: number, certificates: readonly HeldCertificate[]): string {
  switch (family) {
    case 'GIDS':
      return gidsImage(side, certificates);
    case 'PIV':
      return JSON.stringify(pivImage(side, certificates), null, 1);
    case 'OpenPGP':
      return JSON.stringify(openpgpImage(side, certificates), null, 1);
    case 'PKCS15':
      return JSON.stringify({ card: 'PKCS15', ...pkcs15Image(side, certificates) }, null, 1);
  }
}

function publicKeyOf(certificate: Uint8Array): KeyObject {
  return new X509Certificate(certificate).publicKey;
}

function gidsImage(side: number, certificates: readonly HeldCertificate[]): string {
  const state = initializedCard({
    ...{ cardId: Buffer.alloc(16, side + 1), pin: Buffer.from('123456'), adminKey: Buffer.alloc(24, 7) },
  });
  for (const { container, certificate } of certificates) {
    const index = addContainer(state, {
      ...{ name: container, keySpec: 'KeyExchange', keySizeBits: 2048, mechanism: 0x07 },
      publicKey: publicKeyValue(publicKeyOf(certificate)),
    });
    putFile(state, { directory: 'mscp', name: `kxc0${index}` }, encodeCertificateFile(certificate));
  }
  putFile(state, { directory: '', name: 'cardcf' }, Uint8Array.of(0, 0, 2, 0, 3, 0));
  return writeCardImage(state);
}

function pivImage(side: number, certificates: readonly HeldCertificate[]): OtherImage {
  const state = newPivCard();
  for (const [index, { certificate }] of certificates.entries())
    putPivCertificate(state, ['9A', '9D'][index] ?? '', certificate, 'Plain');
  const objects = [...state.objects].map(([tag, value]): [string, string] => [tag.toString(16), hex(value)]);
  return { card: 'PIV', serial: 100 + side, objects: Object.fromEntries(objects) };
}

function openpgpImage(side: number, certificates: readonly HeldCertificate[]): OtherImage {
  const slots = certificates.map(({ certificate }) => {
    const key = publicKeyOf(certificate);
    return {
      key: hex(publicKeyValue(key)),
      jwk: key.export({ format: 'jwk' }),
      certificate: hex(certificate),
    };
  });
  return { card: 'OpenPGP', serial: 100 + side, slots };
}

function pkcs15Image(side: number, certificates: readonly HeldCertificate[]): Image {
  const files: Record<string, Uint8Array> = {};
  for (const [index, { certificate }] of certificates.entries()) {
    files[`430${index + 1}`] = certificate;
    files[`550${index + 1}`] = publicKeyOf(certificate).export({ type: 'pkcs1', format: 'der' });
  }
  const entries = (make: (id: string, index: number) => Uint8Array): Buffer =>
    Buffer.concat(certificates.map((_, index) => make(`0${index + 1}`, index + 1)));
  return madeImage({
    '5031': Buffer.concat([der(0xa0, path('4402')), der(0xa1, path('4404')), der(0xa4, path('4403'))]),
    '5032': tokenInfo(`0102030${side}`),
    '4402': entries((id) => privateKeyEntry(id, '0460')),
    '4403': entries((id, index) => certificateEntry({ id, value: path(`430${index}`) })),
    '4404': entries((id, index) => publicKeyEntry(id, path(`550${index}`))),
    ...files,
  });
}

/** Card images of all families, as the embedded readers load them. */
async function loadCard(file: string): Promise<StoredCard | null> {
  const text = readFileSync(file, 'utf8');
  if (text === muteCardFile || text === unknownCardFile) return loadCardFile(file);
  const image = JSON.parse(text) as OtherImage | { readonly card: 'GIDS' };
  const card = image.card === 'GIDS' ? gidsCard(readCardImage(text)) : otherCard(image);
  return Promise.resolve({
    atr: card.atr,
    transmit: (command) => card.transmit(command),
    reset: () => {
      card.reset();
    },
    save: () => Promise.resolve(),
  });
}

function otherCard(image: OtherImage): VirtualCard {
  switch (image.card) {
    case 'PIV': {
      const state = newPivCard({ serialNumber: image.serial });
      for (const [tag, value] of Object.entries(image.objects))
        state.objects.set(Number.parseInt(tag, 16), Buffer.from(value, 'hex'));
      return pivCard(state);
    }
    case 'OpenPGP':
      return openpgp(image);
    case 'PKCS15':
      return { ...imageCard(image, { start: '5015' }), reset: () => undefined };
  }
}

function openpgp({ serial, slots }: OpenpgpImage): VirtualCard {
  const state = newOpenpgpCard({ serial });
  const numbers: readonly OpenpgpKeyNumber[] = [3, 2];
  for (const [occurrence, { key, jwk, certificate }] of slots.entries()) {
    const number = numbers[occurrence] ?? 1;
    putOpenpgpKey(state, number, createPublicKey({ key: jwk, format: 'jwk' }));
    state.keys.set(number, Buffer.from(key, 'hex'));
    putOpenpgpCertificate(state, occurrence, Buffer.from(certificate, 'hex'));
  }
  return openpgpCard(state);
}

/** What a machine says of itself in the bed's files. */
interface MachineFile {
  readonly start: number | null;
  readonly state: number | null;
  readonly ntAuth: readonly string[];
  readonly persisted: readonly string[];
}

export function worldOf(folder: string, changes: Partial<World> = {}): World {
  const machine = readJson(folder, 'machine.json') as MachineFile;
  const policies = readJson(folder, 'policy.json') as Partial<Record<PolicyName, number>>;
  const given = new Map(Object.entries(policies) as [PolicyName, number][]);
  return embeddedWorld(join(folder, 'readers'), {
    readers: embeddedReaders(join(folder, 'readers'), loadCard),
    keyProviders: { containersOf: (reader) => containersIn(folder, reader) },
    openStore: (place, name) => {
      const part = place.kind !== 'Folder' && place.location === 'LocalMachine' ? 'machine' : 'store';
      return Promise.resolve(profileStore(join(folder, part), name));
    },
    policies: { read: () => Promise.resolve({ place: { kind: 'Registry' }, given }) },
    machine: {
      service: (name) =>
        Promise.resolve(
          name === 'CertPropSvc' ? machine : { start: 3, state: machine.persisted.length > 0 ? 1 : 4 },
        ),
      ntAuth: () => Promise.resolve(new Set(machine.ntAuth)),
      persistedCache: () => Promise.resolve({ names: machine.persisted, isPart: false }),
    },
    currentUser: () => Promise.resolve({ userName: 'ada', profilePath: null }),
    now: Date.now,
    ...changes,
  });
}

/** Both providers name every container, as Windows' do. */
async function containersIn(folder: string, readerName: string) {
  const found = (readJson(folder, 'containers.json') as readonly Container[]).filter(
    ({ reader }) => reader === readerName,
  );
  const containers = found.map(async ({ container, certificate }): Promise<ProviderContainer[]> => {
    const bytes = Buffer.from(certificate, 'hex');
    const { publicKey } = await readCertificate(bytes);
    const common = { readerName, container, cardId: null, certificate: bytes, publicKey };
    return [
      { ...common, provider: baseCsp, providerType: 1, keySpec: 1 },
      { ...common, provider: smartCardKsp, providerType: 0, keySpec: 0 },
    ];
  });
  return { containers: (await Promise.all(containers)).flat(), stored: [], failures: [], answered: true };
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  readonly errors: readonly ErrorData[];
}

export async function diagnoseBed(
  folder: string,
  changes: Partial<Parameters<'propagation/test'>> = {},
  world: World = worldOf(folder),
): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const errors: ErrorData[] = [];
  const stream = (event: StreamEvent): Promise<void> => {
    if (event.kind === 'check') findings.push(event.check);
    if (event.kind === 'error') errors.push(event.error);
    return Promise.resolve();
  };
  const parameters: Parameters<'propagation/test'> = {
    ...{ progressToken: 1, trace: 'None', readers: [...readerNames], storeName: 'My', pkcs11Module: null },
    storePlace: { kind: 'System', location: 'CurrentUser' },
    rdpFile: join(folder, 'session.rdp'),
    ...changes,
  };
  await testPropagation(world, parameters, { signal: new AbortController().signal, stream });
  return { findings, errors };
}

/** The names of the checks that Failed, each once, sorted. */
export function failedChecks({ findings }: Diagnosis): readonly string[] {
  return [
    ...new Set(findings.filter(({ status }) => status === 'Failed').map(({ name }) => name)),
  ].toSorted();
}
