/** PKCS #15 cards that OpenSC's pkcs15-init has written. */
import { KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pkcs15CardKind } from '../../engine/virtual/pkcs15-card-state.js';
import { issue, makeIssuer, type Issuer } from '../../engine/virtual/sample-certificates.js';
import { succeed, type OpenscTool } from './opensc.js';

const secrets = { PIN: '123456', PUK: '12345678', SOPIN: '87654321', SOPUK: '1122334455667788' };

/** The user's PIN: MyEID has one of its own, IsoApplet one PIN for everything. */
const pinOptions: Readonly<Record<Pkcs15CardKind, readonly string[]>> = {
  MyEID: ['--auth-id', '01', '--pin', 'env:PIN', '--so-pin', 'env:SOPIN'],
  IsoApplet: ['--auth-id', 'FF', '--pin', 'env:PIN', '--so-pin', 'env:PIN'],
};

export interface WrittenCertificate {
  readonly id: string;
  readonly label: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly keySpec: 'KeyExchange' | 'Signature';
}

export interface WrittenCard {
  readonly certificates: readonly WrittenCertificate[];
  /** An authority's certificate, id 0A; null where there is no room for it. */
  readonly root: Uint8Array | null;
}

type Pkcs15Init = (...options: readonly string[]) => Promise<string>;

/**
 * Initializes a blank card and writes so many RSA keys with their certificates; the last of two or more may only sign. `direct`: one
 * certificate, in its directory, and no authority's (with isoApplet.profile no more fits). `finalize`: MyEID's access rules count.
 */
export async function writePkcs15Card(
  tool: OpenscTool,
  kind: Pkcs15CardKind,
  count: number,
  options: { readonly direct?: boolean; readonly finalize?: boolean } = {},
): Promise<WrittenCard> {
  const profile = options.direct === true ? ['--profile', 'pkcs15+direct-cert'] : [];
  const run: Pkcs15Init = (...more) => succeed(tool('pkcs15-init', [...profile, ...more], secrets));
  await initialize(run, kind);
  const issuer = await makeIssuer('PKCS #15 Test Root');
  const certificates: WrittenCertificate[] = [];
  for (let index = 0; index < count; index += 1) {
    const keySpec = index > 0 && index === count - 1 ? 'Signature' : 'KeyExchange';
    certificates.push(await writeKey(run, kind, issuer, index, keySpec));
  }
  if (options.direct === true) return { certificates, root: null };
  await inFile('der', issuer.certificate, (path) =>
    run(
      ...['--store-certificate', path, '--format', 'der', '--authority', '--id', '0a', '--label', 'Root'],
      ...pinOptions[kind],
    ),
  );
  if (options.finalize === true) await run('--finalize');
  return { certificates, root: issuer.certificate };
}

async function initialize(run: Pkcs15Init, kind: Pkcs15CardKind): Promise<void> {
  const label = ['--label', `Test ${kind}`];
  if (kind === 'IsoApplet') {
    const pins = ['--so-pin', 'env:PIN', '--so-puk', 'env:SOPUK'];
    await run('--create-pkcs15', '--serial', '0123456789ABCDEF', ...pins, ...label);
    return;
  }
  const pins = ['--so-pin', 'env:SOPIN', '--so-puk', 'env:PUK'];
  await run('--create-pkcs15', ...pins, ...label);
  await run('--store-pin', '--puk', 'env:PUK', '--label', 'PIN', ...pinOptions[kind]);
}

async function writeKey(
  run: Pkcs15Init,
  kind: Pkcs15CardKind,
  issuer: Issuer,
  index: number,
  keySpec: 'KeyExchange' | 'Signature',
): Promise<WrittenCertificate> {
  const id = (index + 1).toString(16).padStart(2, '0').toUpperCase();
  const label = `User ${String(index)}`;
  const issued = await issue(issuer, {
    commonName: label,
    upn: `user${String(index)}@example.com`,
    key: 'RSA-2048',
    purpose: keySpec === 'Signature' ? 'Signature' : 'Logon',
  });
  const common = ['--id', id, '--label', label, ...pinOptions[kind]];
  const usage = ['--key-usage', keySpec === 'Signature' ? 'sign' : 'sign,decrypt'];
  const key = KeyObject.from(issued.privateKey).export({ type: 'pkcs8', format: 'pem' });
  await inFile('pem', Buffer.from(key), (path) => run('--store-private-key', path, ...usage, ...common));
  await inFile('der', issued.certificate, (path) =>
    run('--store-certificate', path, '--format', 'der', ...common),
  );
  return { id, label, certificate: issued.certificate, keySpec };
}

async function inFile(
  extension: string,
  content: Uint8Array,
  work: (path: string) => Promise<string>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'pkcs15-'));
  const file = join(folder, `object.${extension}`);
  try {
    await writeFile(file, content);
    await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
