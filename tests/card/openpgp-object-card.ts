/** OpenPGP cards for tests: objects behind GET DATA, and what real cards have answered. */
import { readFileSync } from 'node:fs';
import type { CardCertificateFile, UnreadableFile } from '../../engine/card/card.js';
import { openOpenpgp } from '../../engine/card/openpgp.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';
import { fromHex, plainAtr, testCard, type TestCard } from './scripted-card.js';

/** ATR of a T=1 card that takes extended length fields. */
export const extendedAtr = fromHex('3B 85 01 80 73 C0 01 C0 76');

export const dataOf: Readonly<Record<string, string>> = JSON.parse(
  readFileSync('tests/fixtures/openpgp/application-data.json', 'utf8'),
) as Record<string, string>;

/** Commands and answers in hex, as recorded. */
export function recorded(name: string): readonly (readonly [string, string])[] {
  return readFileSync(`tests/fixtures/openpgp/${name}.jsonl`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { command: string; response: string })
    .map(({ command, response }) => [command, response]);
}

export const certificates = {
  AUT: Uint8Array.from(readFileSync('tests/fixtures/openpgp/aut.der')),
  DEC: Uint8Array.from(readFileSync('tests/fixtures/openpgp/dec.der')),
  SIG: Uint8Array.from(readFileSync('tests/fixtures/openpgp/sig.der')),
};

export interface Objects {
  /** The answer to GET DATA 6E, in hex. */
  readonly description: string;
  /** By occurrence, in hex with the status word. */
  readonly certificates?: readonly (string | undefined)[];
  readonly keyInformation?: string;
  /** The answer to reading a public key, with its status word. */
  readonly publicKey?: string;
  /** The answer to SELECT DATA by its data; without it 9000. */
  readonly selectData?: (data: string) => string;
}

/** A card with extended length that answers each command with these objects whole. */
export function openpgpObjectCard(objects: Objects, atr: Uint8Array = extendedAtr): TestCard {
  let occurrence = 0;
  return testCard((command) => {
    const header = hex(command.subarray(0, 4));
    if (header === '00A40400') return fromHex('9000');
    if (header === '00CA006E') return fromHex(`${objects.description}9000`);
    if (header === '00CA00DE') return fromHex(objects.keyInformation ?? '6A88');
    if (header === '00CA7F21') return fromHex(objects.certificates?.[occurrence] ?? '9000');
    if (header === '00478100') return fromHex(objects.publicKey ?? '6A88');
    if (!header.startsWith('00A5')) return fromHex('6D00');
    const status = objects.selectData?.(hex(command.subarray(5))) ?? '9000';
    if (status === '9000') occurrence = command[2] ?? 0;
    return fromHex(status);
  }, atr);
}

export interface Reading {
  readonly cardId: string;
  readonly serialNumber: string | null;
  readonly files: readonly (CardCertificateFile | UnreadableFile)[];
}

/** Opens the card and reads its certificates; null where the card has no OpenPGP application. */
export async function readOpenpgp(card: SmartCardConnection, allSlots = false): Promise<Reading | null> {
  const application = await openOpenpgp(card);
  if (application === null) return null;
  const files = [];
  for await (const file of application.certificates({ allSlots })) files.push(file);
  return { cardId: application.cardId, serialNumber: application.serialNumber, files };
}

/** One line for each file: `7F21.0 AUT Unnamed`, `7F21.1 MalformedCardData`. */
export function summary(reading: Reading | null): readonly string[] {
  return (reading?.files ?? []).map((file) =>
    'error' in file
      ? `${file.fileName} ${file.error.id}`
      : `${file.fileName} ${String(file.slot)} ${file.key}`,
  );
}

/** The description of a card of this version, in hex: 6E with the application identifier, historical bytes, C0, C5 and DE. */
export function description({
  version = '0304',
  fingerprints = '00'.repeat(60),
  largestCertificate = '0800',
  keyInformation = null,
  historicalBytes = '0073000080059000',
}: {
  readonly version?: string;
  readonly fingerprints?: string;
  readonly largestCertificate?: string;
  readonly keyInformation?: string | null;
  readonly historicalBytes?: string;
} = {}): string {
  const discretionary = [
    field('C0', `7D000BFE${largestCertificate}00FF0000`),
    field('C5', fingerprints),
    keyInformation === null ? '' : field('DE', keyInformation),
  ].join('');
  const content = [
    field('4F', `D27600012401${version}0005000012340000`),
    field('5F52', historicalBytes),
    field('73', discretionary),
  ].join('');
  return field('6E', content);
}

export function field(tag: string, value: string): string {
  const length = value.length / 2;
  return `${tag}82${length.toString(16).toUpperCase().padStart(4, '0')}${value}`;
}

export { plainAtr };
