/** OpenSC's command line tools as an independent client, and cards that they have written. */
import { spawn, spawnSync } from 'node:child_process';
import { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { blankCard } from '../../engine/virtual/card-state.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { issue, makeIssuer } from '../../engine/virtual/sample-certificates.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import type { Pcscd, VirtualReader } from './pcscd.js';
import { requirePart } from './require.js';

export const cardPin = '123456';
export const adminKey = '0102030405060708090A0B0C0D0E0F101112131415161718';
export const cardId = '000102030405060708090A0B0C0D0E0F';

export interface ToolResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One of OpenSC's tools on one reader; PINs and keys go through the environment (`env:NAME`). */
export type OpenscTool = (
  tool: 'gids-tool' | 'openpgp-tool' | 'opensc-tool' | 'pkcs11-tool' | 'pkcs15-init' | 'pkcs15-tool',
  options: readonly string[],
  secrets?: Readonly<Record<string, string>>,
) => Promise<ToolResult>;

export interface OpenscCertificate {
  /** The container's name. */
  readonly label: string;
  readonly fileName: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly keySpec: 'KeyExchange' | 'Signature';
}

export interface OpenscCard {
  /** The card's image (`readCardImage`, or as `card.json` in an embedded reader). */
  readonly image: string;
  readonly certificates: readonly OpenscCertificate[];
}

/** The `skip` value of tests that use OpenSC. */
export function skipWithoutOpensc(): string | false {
  const available = spawnSync('opensc-tool', ['--version']).status === 0;
  return requirePart('opensc', available, 'apt-get install opensc');
}

export function openscTool(pcscd: Pcscd, reader: VirtualReader): OpenscTool {
  const slot = String(pcscd.readers.indexOf(reader));
  return async (tool, options, secrets = {}) => {
    const where = tool === 'pkcs11-tool' ? ['--slot-index', slot] : ['--reader', reader.readerName];
    const child = spawn(tool, [...where, ...options], {
      env: { ...pcscd.env, OPENSC_CONF: '/dev/null', ...secrets },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { exitCode: child.exitCode, stdout, stderr };
  };
}

/** Runs a tool that must succeed; returns what it printed. */
export async function succeed(result: Promise<ToolResult>): Promise<string> {
  const { exitCode, stdout, stderr } = await result;
  if (exitCode !== 0) throw new Error(`The tool ended with ${String(exitCode)}: ${stderr || stdout}`);
  return stdout;
}

/** gids-tool --initialize on a blank card. */
export async function initialize(tool: OpenscTool): Promise<void> {
  const options = ['--initialize', '--pin', 'env:PIN', '--admin-key', 'env:KEY', '--serial-number', 'env:ID'];
  await succeed(tool('gids-tool', options, { PIN: cardPin, KEY: adminKey, ID: cardId }));
}

/** pkcs15-init on an initialized card: a private key, then its certificate, in the next container. */
export async function storeCertificate(
  tool: OpenscTool,
  index: number,
  { label, keySpec }: Pick<OpenscCertificate, 'label' | 'keySpec'>,
  issued: { readonly privateKey: KeyObject; readonly certificate: Uint8Array },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'opensc-'));
  const keyPath = join(folder, 'key.pem');
  const certificatePath = join(folder, 'certificate.der');
  await writeFile(keyPath, issued.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(certificatePath, issued.certificate);
  const id = index.toString(16).padStart(2, '0');
  const common = ['--verify-pin', '--auth-id', '80', '--pin', 'env:PIN', '--id', id, '--label', label];
  const usage = keySpec === 'Signature' ? 'sign' : 'sign,decrypt';
  const key = ['--store-private-key', keyPath, '--key-usage', usage];
  const certificate = ['--store-certificate', certificatePath, '--format', 'der'];
  await succeed(tool('pkcs15-init', [...key, ...common], { PIN: cardPin }));
  await succeed(tool('pkcs15-init', [...certificate, ...common], { PIN: cardPin }));
  await rm(folder, { recursive: true });
}

/**
 * Lets gids-tool and pkcs15-init write a card in this (empty) reader: card id, PIN and administrator key are the constants above; so many
 * RSA certificates of one issuer, in containers `User 0`, `User 1`, … The last of two or more has a signature key (ksc), the others key
 * exchange keys (kxc).
 */
export async function makeOpenscCard(
  pcscd: Pcscd,
  reader: VirtualReader,
  count: number,
): Promise<OpenscCard> {
  const card = gidsCard(blankCard());
  const inserted = await insertCard(card, reader.port);
  const tool = openscTool(pcscd, reader);
  await initialize(tool);
  const issuer = await makeIssuer('OpenSC Test Root');
  const certificates: OpenscCertificate[] = [];
  for (let index = 0; index < count; index += 1) {
    const keySpec = index > 0 && index === count - 1 ? 'Signature' : 'KeyExchange';
    const label = `User ${index}`;
    const issued = await issue(issuer, {
      commonName: label,
      upn: `user${index}@example.com`,
      key: 'RSA-2048',
      purpose: keySpec === 'Signature' ? 'Signature' : 'Logon',
    });
    const { certificate } = issued;
    await storeCertificate(
      tool,
      index,
      { label, keySpec },
      { privateKey: KeyObject.from(issued.privateKey), certificate },
    );
    const number = index.toString(16).toUpperCase().padStart(2, '0');
    certificates.push({
      label,
      fileName: `${keySpec === 'Signature' ? 'ksc' : 'kxc'}${number}`,
      certificate,
      keySpec,
    });
  }
  await inserted.remove();
  return { image: writeCardImage(card.state), certificates };
}
