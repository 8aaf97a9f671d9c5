/** A PIV card for tests that has data objects, and recorded readings of a third party's card. */
import { readFileSync } from 'node:fs';
import type { CardCertificateFile, UnreadableFile } from '../../engine/card/card.js';
import { openPiv } from '../../engine/card/piv.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';
import { collect } from '../support/collect.js';
import { fromHex, testCard, type TestCard } from './scripted-card.js';

export interface PivContents {
  /** By tag, `5FC105`: the answer to GET DATA without its status word, or a status word alone. */
  readonly objects?: Readonly<Record<string, Uint8Array | string>>;
  /** The answer to SELECT; that of a YubiKey unless given. */
  readonly selected?: string;
  /** The answer to GET SERIAL; the command is unknown unless given. */
  readonly serialNumber?: string;
  /** The answer for an object that isn't there. */
  readonly absent?: string;
  readonly atr?: Uint8Array;
}

/** The application property template of a YubiKey 5.2.4 (Yubico .NET SDK, user's manual, "Get the serial number"). */
export const yubiKeyTemplate = '61114F0600001000010079074F05A0000003089000';

/** Answers 256 bytes at a time, as cards with short lengths do. */
export function pivObjectCard({
  objects = {},
  selected = yubiKeyTemplate,
  serialNumber = '6D00',
  absent = '6A82',
  atr,
}: PivContents): TestCard {
  let pending: Uint8Array = new Uint8Array();
  const next = (): Uint8Array => {
    const part = pending.subarray(0, 256);
    pending = pending.subarray(256);
    const status = pending.length === 0 ? [0x90, 0] : [0x61, pending.length > 255 ? 0 : pending.length];
    return Uint8Array.from([...part, ...status]);
  };
  return testCard((command) => {
    switch (command[1]) {
      case 0xa4:
        return fromHex(selected);
      case 0xf8:
        return fromHex(serialNumber);
      case 0xc0:
        return next();
      case 0xcb: {
        const object = objects[hex(command.subarray(7, 7 + (command[6] ?? 0)))] ?? absent;
        if (typeof object === 'string') return fromHex(object);
        pending = object;
        return next();
      }
      default:
        return fromHex('6D00');
    }
  }, atr);
}

/** Template 53 around fields, lengths in the long form. */
export function pivObject(...fields: readonly Uint8Array[]): Uint8Array {
  return field(0x53, ...fields);
}

/** A certificate's object as an issuer writes it. */
export function certificateObject(certificate: Uint8Array, info = 0): Uint8Array {
  return pivObject(field(0x70, certificate), Uint8Array.of(0x71, 1, info), Uint8Array.of(0xfe, 0));
}

export function field(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const value = Buffer.concat(parts);
  return Uint8Array.from([tag, 0x82, value.length >> 8, value.length & 0xff, ...value]);
}

export interface PivReading {
  readonly cardId: string;
  readonly serialNumber: string | null;
  readonly files: readonly (CardCertificateFile | UnreadableFile)[];
}

/** Opens the application and reads its certificates; null for a card without the application. */
export async function readPiv(card: SmartCardConnection, allSlots = false): Promise<PivReading | null> {
  const application = await openPiv(card);
  if (application === null) return null;
  const { cardId, serialNumber } = application;
  return { cardId, serialNumber, files: await collect(application.certificates({ allSlots })) };
}

/** Commands and responses in hex, from tests/fixtures/piv. */
export function recorded(
  name: 'pivapplet-short' | 'pivapplet-extended',
): readonly (readonly [string, string])[] {
  return readFileSync(`tests/fixtures/piv/${name}.jsonl`, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { command, response } = JSON.parse(line) as { command: string; response: string };
      return [command, response];
    });
}
