/** The data objects of a virtual OpenPGP card: GET DATA, GET NEXT DATA, PUT DATA (OpenPGP card specification 3.4.1, 4.4, 7.2.6 to 7.2.8). */
import { CardStatus, statusWord, type Command } from './command.js';
import { areSupported, attributesOf, firstKeyTags, openpgpKeyNumbers } from './openpgp-card-keys.js';
import type { OpenpgpSession, OpenpgpState } from './openpgp-card-state.js';
import { tlv } from './tlv.js';

/** RID of the FSFE and the application's number; clients select by it. */
export const openpgpApplication = Buffer.from('D27600012401', 'hex');
export const certificateTag = 0x7f21;

const firstVersionWithSeveralCertificates = 0x0300;
const firstVersionWithKeyInformation = 0x0304;
const severalCertificates = 3;
const largestCertificate = 2048;
const longestData = 0x0bfe;
const longestPin = 0x7f;
const absentKey = 0;
const generatedKey = 1;

const [fingerprintLength, timeLength] = [20, 4];

interface WritableObject {
  readonly longest: number;
  readonly writer: 'User' | 'Admin';
  /** Whom it may be read by, besides everyone. */
  readonly reader?: 'User' | 'Admin';
  /** What clients read before it is written. */
  readonly initial?: Uint8Array;
}

const fixed = (length: number): WritableObject => ({
  longest: length,
  writer: 'Admin',
  initial: new Uint8Array(length),
});

const writableObjects: ReadonlyMap<number, WritableObject> = new Map<number, WritableObject>([
  [0x0101, { longest: 255, writer: 'User' }],
  [0x0102, { longest: 255, writer: 'Admin' }],
  [0x0103, { longest: 255, writer: 'User', reader: 'User' }],
  [0x0104, { longest: 255, writer: 'Admin', reader: 'Admin' }],
  [0x5b, { longest: 39, writer: 'Admin' }],
  [0x5e, { longest: 254, writer: 'Admin' }],
  [0x5f2d, { longest: 8, writer: 'Admin', initial: Buffer.from('en', 'latin1') }],
  [0x5f35, { longest: 1, writer: 'Admin', initial: Buffer.from('9', 'latin1') }],
  [0x5f50, { longest: 254, writer: 'Admin' }],
  ...[0xc1, 0xc2, 0xc3].map((tag): [number, WritableObject] => [tag, { longest: 16, writer: 'Admin' }]),
  ...[0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc].map((tag): [number, WritableObject] => [
    tag,
    fixed(fingerprintLength),
  ]),
  ...[0xce, 0xcf, 0xd0].map((tag): [number, WritableObject] => [tag, fixed(timeLength)]),
]);

export function getOpenpgpData(state: OpenpgpState, session: OpenpgpSession, command: Command): Uint8Array {
  const tag = tagOf(command);
  if (tag !== certificateTag) session.occurrence = 0;
  session.lastRead = tag;
  return tag === certificateTag
    ? (state.certificates.get(session.occurrence) ?? new Uint8Array())
    : object(state, session, tag);
}

/** The next certificate after the one that was read last. */
export function getNextOpenpgpData(
  state: OpenpgpState,
  session: OpenpgpSession,
  command: Command,
): Uint8Array {
  if (tagOf(command) !== certificateTag) throw new CardStatus(statusWord.incorrectP1P2);
  if (session.lastRead !== certificateTag) throw new CardStatus(statusWord.conditionsNotSatisfied);
  if (session.occurrence + 1 >= certificateCount(state))
    throw new CardStatus(statusWord.referencedDataNotFound);
  session.occurrence += 1;
  return state.certificates.get(session.occurrence) ?? new Uint8Array();
}

export function putOpenpgpData(state: OpenpgpState, session: OpenpgpSession, command: Command): void {
  const tag = tagOf(command);
  if (tag === certificateTag) putCertificate(state, session, command.data);
  else putObject(state, session, tag, command.data);
}

/** How many certificates a card of this version holds. */
export function certificateCount({ version }: OpenpgpState): number {
  return version < firstVersionWithSeveralCertificates ? 1 : severalCertificates;
}

/** Puts a certificate (DER) at an occurrence: 0 authentication, 1 decryption, 2 signature. */
export function putOpenpgpCertificate(
  state: OpenpgpState,
  occurrence: number,
  certificate: Uint8Array,
): void {
  if (certificate.length > largestCertificate) throw new CardStatus(statusWord.wrongLength);
  if (occurrence >= certificateCount(state)) throw new CardStatus(statusWord.referencedDataNotFound);
  if (certificate.length === 0) state.certificates.delete(occurrence);
  else state.certificates.set(occurrence, certificate);
}

function putCertificate(state: OpenpgpState, session: OpenpgpSession, data: Uint8Array): void {
  if (!session.adminVerified) throw new CardStatus(statusWord.securityStatusNotSatisfied);
  putOpenpgpCertificate(state, session.occurrence, data);
}

function putObject(state: OpenpgpState, session: OpenpgpSession, tag: number, data: Uint8Array): void {
  const { longest, writer, initial } = writable(tag);
  if (!isVerified(session, writer)) throw new CardStatus(statusWord.securityStatusNotSatisfied);
  const mustBeFull = initial?.length === longest;
  if (data.length > longest || (mustBeFull && data.length < longest))
    throw new CardStatus(statusWord.wrongLength);
  const key = openpgpKeyNumbers[tag - firstKeyTags.attributes];
  if (key !== undefined) {
    if (!areSupported(data)) throw new CardStatus(statusWord.incorrectData);
    state.keys.delete(key);
  }
  state.objects.set(tag, data);
}

function object(state: OpenpgpState, session: OpenpgpSession, tag: number): Uint8Array {
  switch (tag) {
    case 0x4f:
      return applicationIdentifier(state);
    case 0x65:
      return Buffer.concat([part(state, 0x5b), part(state, 0x5f2d), part(state, 0x5f35)]);
    case 0x6e:
      return tlv(0x6e, ...applicationRelatedData(state));
    case 0x7a:
      return tlv(0x93, new Uint8Array(3));
    case 0xc4:
      return pinStatus(state);
    case 0xde:
      if (state.version < firstVersionWithKeyInformation) break;
      return keyInformation(state);
    case 0x5f52:
      return historicalBytes(state);
    default:
  }
  const { reader } = writable(tag);
  if (reader !== undefined && !isVerified(session, reader))
    throw new CardStatus(statusWord.securityStatusNotSatisfied);
  return stored(state, tag);
}

function applicationRelatedData(state: OpenpgpState): Uint8Array[] {
  const longest = Uint8Array.of(longestData >> 8, longestData & 0xff);
  const lengths = tlv(0x7f66, tlv(0x02, longest), tlv(0x02, longest));
  return [
    tlv(0x4f, applicationIdentifier(state)),
    tlv(0x5f52, historicalBytes(state)),
    ...(state.extendedLength ? [lengths] : []),
    tlv(0x73, ...discretionaryData(state)),
  ];
}

function discretionaryData(state: OpenpgpState): Uint8Array[] {
  const inRow = (...tags: readonly number[]) => Buffer.concat(tags.map((tag) => stored(state, tag)));
  const hasKeyInformation = state.version >= firstVersionWithKeyInformation;
  return [
    tlv(0xc0, extendedCapabilities(state)),
    ...openpgpKeyNumbers.map((key) => tlv(firstKeyTags.attributes + key - 1, attributesOf(state, key))),
    tlv(0xc4, pinStatus(state)),
    tlv(0xc5, inRow(0xc7, 0xc8, 0xc9)),
    tlv(0xc6, inRow(0xca, 0xcb, 0xcc)),
    tlv(0xcd, inRow(0xce, 0xcf, 0xd0)),
    ...(hasKeyInformation ? [tlv(0xde, keyInformation(state))] : []),
  ];
}

function applicationIdentifier({ version, manufacturer, serial }: OpenpgpState): Uint8Array {
  const identifier = Buffer.alloc(16);
  identifier.set(openpgpApplication);
  identifier.writeUInt16BE(version, 6);
  identifier.writeUInt16BE(manufacturer, 8);
  identifier.writeUInt32BE(serial, 10);
  return identifier;
}

/** Card capabilities, then a status indicator: operational. */
function historicalBytes({ extendedLength }: OpenpgpState): Uint8Array {
  return Uint8Array.of(0x00, 0x73, 0xc0, 0x01, extendedLength ? 0xc0 : 0x80, 0x05, 0x90, 0x00);
}

/** Private use objects and changeable algorithm attributes; the last four bytes changed their meaning with version 3. */
function extendedCapabilities({ version }: OpenpgpState): Uint8Array {
  const bytes = Buffer.alloc(10);
  bytes[0] = 0x0c;
  bytes.writeUInt16BE(largestCertificate, 4);
  bytes.writeUInt16BE(0xff, 6);
  if (version < firstVersionWithSeveralCertificates) bytes.writeUInt16BE(0xff, 8);
  return bytes;
}

/** One signature per PIN; the longest and the tries left of PIN, resetting code (none) and administrator PIN. */
function pinStatus({ pins }: OpenpgpState): Uint8Array {
  return Uint8Array.of(
    ...[0x00, longestPin, longestPin, longestPin],
    ...[pins.user.triesLeft, 0, pins.admin.triesLeft],
  );
}

function keyInformation({ keys }: OpenpgpState): Uint8Array {
  return Uint8Array.from(openpgpKeyNumbers.flatMap((key) => [key, keys.has(key) ? generatedKey : absentKey]));
}

function part(state: OpenpgpState, tag: number): Uint8Array {
  return tlv(tag, stored(state, tag));
}

function stored({ objects }: OpenpgpState, tag: number): Uint8Array {
  return objects.get(tag) ?? writable(tag).initial ?? new Uint8Array();
}

function writable(tag: number): WritableObject {
  const known = writableObjects.get(tag);
  if (!known) throw new CardStatus(statusWord.referencedDataNotFound);
  return known;
}

function isVerified(session: OpenpgpSession, who: 'User' | 'Admin'): boolean {
  return who === 'User' ? session.userVerified : session.adminVerified;
}

function tagOf({ p1, p2 }: Command): number {
  return (p1 << 8) | p2;
}
