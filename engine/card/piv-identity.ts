/**
 * What tells one PIV card from another. The standard has no identifier that is always there, unique and stable, hence in this order:
 *
 * 1. The serial number that YubiKeys since 5.0, PivApplet, CanoKeys and others give on Yubico's command GET SERIAL. It comes first
 *    because the CHUID of these cards is no use: they all have one FASC-N, and ykman writes a new GUID whenever a certificate changes.
 *    A card that doesn't know the command says so, and nothing has happened.
 * 2. FASC-N and GUID of the CHUID together (NIST SP 800-73-4, part 1, 3.1.2): an issuer's CHUID is signed and stays for life. Neither
 *    alone would do: the FASC-N may be zero or the same on all cards of an issuer, the GUID may be zero. On a YubiKey 4 or NEO, which
 *    give no serial number here, the id changes when ykman has changed a certificate.
 * 3. The first certificate, on a card that has neither; the id changes when that certificate does. Empty cards of a kind share one.
 *
 * The discovery object isn't asked for: it tells of PINs, and repeats the application's name.
 */
import { createHash } from 'node:crypto';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex } from '../text.js';
import { sendCommand } from './apdu.js';
import type { PivObjects } from './piv-data.js';
import { statusWords } from './status-word.js';
import { findValue, readDataObject, type DataObject } from './tlv.js';

export interface PivIdentity {
  /** The serial number in decimal, or 32 upper-case hex digits. */
  readonly cardId: string;
  /** In decimal, as it is printed on the card. */
  readonly serialNumber: string | null;
}

const chuidTag = 0x5fc102;
const fascNTag = 0x30;
const guidTag = 0x34;
/** The certificates of 9A, 9C, 9D and 9E. */
const certificateTags = [0x5fc105, 0x5fc10a, 0x5fc10b, 0x5fc101] as const;

/** An object that the card refuses or that can't be understood does not identify it. */
const identifiesNothing: ReadonlySet<string> = new Set(['CardCommandFailed', 'MalformedCardData']);

/**
 * One APDU on a card with a serial number, two on one with a CHUID.
 * @param isNamed whether the card has named the PIV application when it was selected
 * @returns null if the card neither named the application nor shows anything of it: it would take any SELECT for its own
 * @throws all that `transmit` throws
 */
export async function identify(objects: PivObjects, isNamed: boolean): Promise<PivIdentity | null> {
  const serialNumber = await readSerialNumber(objects.card);
  if (serialNumber !== null) return { cardId: serialNumber, serialNumber };
  const chuid = await readChuid(objects);
  if (chuid !== null) return { cardId: chuid, serialNumber };
  if (!isNamed) return null;
  const certificate = await readFirstCertificate(objects);
  return { cardId: digest(objects.card.atr, certificate), serialNumber };
}

/** GET SERIAL: four bytes, big-endian (Yubico .NET SDK, PIV commands, "Get the serial number"). */
async function readSerialNumber(card: SmartCardConnection): Promise<string | null> {
  const { data, statusWord } = await sendCommand(card, { cla: 0x00, ins: 0xf8, p1: 0x00, p2: 0x00, le: 256 });
  if (statusWord !== statusWords.ok || data.length !== 4 || isZero(data)) return null;
  return String(new DataView(data.buffer, data.byteOffset).getUint32(0));
}

/** Null without a CHUID, or with one that identifies nothing. */
async function readChuid(objects: PivObjects): Promise<string | null> {
  const beginning = await objects.getBeginning(chuidTag).catch(nothing);
  if (beginning === null) return null;
  const fields = firstDataObjects(insideTemplate(beginning));
  const fascN = findValue(fields, fascNTag) ?? new Uint8Array();
  const guid = findValue(fields, guidTag) ?? new Uint8Array();
  return isZero(fascN) && isZero(guid) ? null : digest(fascN, guid);
}

async function readFirstCertificate(objects: PivObjects): Promise<Uint8Array> {
  for (const tag of certificateTags) {
    const certificate = await objects.get(tag).catch(nothing);
    if (certificate !== null) return certificate;
  }
  return new Uint8Array();
}

function nothing(error: unknown): null {
  if (error instanceof CertPropError && identifiesNothing.has(error.id)) return null;
  throw error;
}

/** What follows tag and length; they may promise more than was read. */
function insideTemplate(bytes: Uint8Array): Uint8Array {
  const length = bytes[1] ?? 0;
  return bytes.subarray(length < 0x80 ? 2 : 2 + (length & 0x7f));
}

/** The data objects that are there as a whole. An issuer's CHUID has its identifiers first, and then 2 or 3 KB of signature. */
function firstDataObjects(bytes: Uint8Array): DataObject[] {
  const objects: DataObject[] = [];
  try {
    for (let offset = 0; offset < bytes.length;) {
      const { object, end } = readDataObject(bytes, offset);
      objects.push(object);
      offset = end;
    }
  } catch (error) {
    nothing(error);
  }
  return objects;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** 128 bits of SHA-256 over the parts, each after its length. */
function digest(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(Uint8Array.of(part.length >> 8, part.length & 0xff)).update(part);
  return hex(hash.digest().subarray(0, 16));
}
