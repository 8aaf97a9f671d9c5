/** The card's files as wholes: SELECT, CREATE FILE, ACTIVATE FILE, DELETE FILE (ISO/IEC 7816-4 and -9; GIDS 2.0). */
import { access, requireApplicationAccess } from './access.js';
import type { CardFile, CardSession, CardState } from './card-state.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { endAuthentication } from './pin.js';
import { findTlv, tlv } from './tlv.js';

/** GIDS application identifier, revision 02. */
const applicationIdentifier = Uint8Array.of(0xa0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59, 0x02, 0x01);
/** The application's own file identifier. */
export const applicationFile = 0x3fff;
/** File descriptor bytes: an EF that holds BER-TLV data objects, and a key with its CRTs. */
const descriptor = { dataObjects: 0x39, key: 0x18 } as const;
export const mostFiles = 160;
export const longestParameters = 255;

const controlInformation = tlv(
  0x61,
  tlv(0x4f, applicationIdentifier),
  tlv(0x73, tlv(0x40, Uint8Array.of(0xc0))),
);
const controlParameters = tlv(
  0x62,
  tlv(0x82, Uint8Array.of(0x38)),
  tlv(0x8c, Uint8Array.of(0x03, 0x30, 0x30)),
);
const managementData = tlv(0x64, tlv(0x5f2f, Uint8Array.of(0x60)), tlv(0x7f65, Uint8Array.of(0x80, 0x00)));

export function select(state: CardState, session: CardSession, command: Command): Uint8Array {
  if ((command.p2 & 0xf3) !== 0) throw new CardStatus(statusWord.incorrectP1P2);
  if (command.p1 === 0x04) selectByName(session, command.data);
  else if (command.p1 === 0x00) selectByIdentifier(state, session, command.data);
  else throw new CardStatus(statusWord.incorrectP1P2);
  return selectionAnswer(state, session, command.p2);
}

export function createFile(state: CardState, session: CardSession, command: Command): void {
  requireZeroP1P2(command);
  const parameters = findTlv(command.data, 0x62) ?? new Uint8Array();
  const identifier = findTlv(parameters, 0x83);
  if (parameters.length > longestParameters || identifier?.length !== 2 || !isSupported(parameters))
    throw new CardStatus(statusWord.dataInvalid);
  requireApplicationAccess(state, session, access.createFile);
  const fileIdentifier = toNumber(identifier);
  if (state.files.has(fileIdentifier)) throw new CardStatus(statusWord.fileExists);
  if (state.files.size >= mostFiles) throw new CardStatus(statusWord.notEnoughSpace);
  state.files.set(fileIdentifier, { parameters, activated: false, objects: new Map(), key: null });
  session.selectedFile = fileIdentifier;
}

/** Activates the selected file, or the application, which ends initialization. */
export function activateFile(state: CardState, session: CardSession, command: Command): void {
  requireZeroP1P2(command);
  const file = selectedFile(state, session);
  if (file) {
    file.activated = true;
    return;
  }
  state.activated = true;
  endAuthentication(session);
}

export function deleteFile(state: CardState, session: CardSession, command: Command): void {
  requireZeroP1P2(command);
  if (command.data.length > 0) throw new CardStatus(statusWord.wrongLength);
  if (session.selectedFile === null) throw new CardStatus(statusWord.conditionsNotSatisfied);
  requireApplicationAccess(state, session, access.deleteChild);
  state.files.delete(session.selectedFile);
  session.selectedFile = null;
}

export function isKeyFile(file: CardFile): boolean {
  return findTlv(file.parameters, 0x82)?.[0] === descriptor.key;
}

/** Big-endian. */
export function toNumber(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 0x100 + byte, 0);
}

function selectedFile(state: CardState, session: CardSession): CardFile | null {
  return session.selectedFile === null ? null : (state.files.get(session.selectedFile) ?? null);
}

/** Selecting the application, even again, begins anew: what was authenticated is forgotten. */
function selectByName(session: CardSession, name: Uint8Array): void {
  const isOurs = name.length >= 5 && Buffer.from(applicationIdentifier).subarray(0, name.length).equals(name);
  if (!isOurs) throw new CardStatus(statusWord.fileNotFound);
  session.selectedFile = null;
  endAuthentication(session);
}

function selectByIdentifier(state: CardState, session: CardSession, identifier: Uint8Array): void {
  if (identifier.length !== 2) throw new CardStatus(statusWord.wrongLength);
  const fileIdentifier = toNumber(identifier);
  if (fileIdentifier === applicationFile) session.selectedFile = null;
  else if (state.files.has(fileIdentifier)) session.selectedFile = fileIdentifier;
  else throw new CardStatus(statusWord.fileNotFound);
}

/** Bits 4 and 3 of P2: control information, control parameters, management data, or nothing. */
function selectionAnswer(state: CardState, session: CardSession, p2: number): Uint8Array {
  const file = selectedFile(state, session);
  if (p2 === 0x0c) return new Uint8Array();
  if (p2 === 0x04) return file ? tlv(0x62, file.parameters) : controlParameters;
  if (file) throw new CardStatus(statusWord.incorrectP1P2);
  return p2 === 0x00 ? controlInformation : managementData;
}

function isSupported(parameters: Uint8Array): boolean {
  const [kind] = findTlv(parameters, 0x82) ?? [];
  return kind === descriptor.dataObjects || (kind === descriptor.key && findTlv(parameters, 0xa5) !== null);
}

function requireZeroP1P2(command: Command): void {
  if (command.p1 !== 0x00 || command.p2 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
}
