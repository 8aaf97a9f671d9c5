/** GET DATA and PUT DATA on the files that hold data objects (GIDS 2.0; ISO/IEC 7816-4:2013, 11.4). */
import { access, requireFileAccess } from './access.js';
import type { CardFile, CardSession, CardState } from './card-state.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { applicationFile, isKeyFile, toNumber } from './files.js';
import { importKey, publicKey } from './keys.js';
import { pinInformation } from './pin.js';
import { findTlv, parseTlvs, tlv } from './tlv.js';

/** EF.ATR: initial data, card service, card capabilities. */
const answerToResetFile = 0x2f01;
export const mostObjects = 128;
/** Bytes of all objects' values together. */
const memory = 1024 * 1024;
/** Bytes of one object's value; a response of this size still fits a virtual reader's 16-bit length. */
export const longestObject = 0xf000;

export function getData(state: CardState, session: CardSession, command: Command): Uint8Array {
  const fileIdentifier = command.p1 * 0x100 + command.p2;
  if (fileIdentifier === applicationFile) return applicationData(state, session, command.data);
  if (fileIdentifier === answerToResetFile) return tlv(0x43, Uint8Array.of(0xf4));
  const file = dataFile(state, session, fileIdentifier);
  requireFileAccess(state, session, file, access.getData);
  const wanted = findTlv(command.data, 0x5c);
  if (!wanted) throw new CardStatus(statusWord.dataInvalid);
  return wanted.length === 0 ? allObjects(file) : oneObject(file, toNumber(wanted));
}

export function putData(state: CardState, session: CardSession, command: Command): void {
  const fileIdentifier = command.p1 * 0x100 + command.p2;
  if (fileIdentifier === applicationFile) {
    importKey(state, session, command.data);
    return;
  }
  const file = dataFile(state, session, fileIdentifier);
  requireFileAccess(state, session, file, access.putData);
  const [object, ...more] = parseTlvs(command.data) ?? [];
  if (!object || more.length > 0) throw new CardStatus(statusWord.dataInvalid);
  if (memoryUsed(state) + object.value.length > memory) throw new CardStatus(statusWord.notEnoughSpace);
  store(file, object.tag, object.value);
}

/** The public key that a key template (70) names, or the PIN's information. */
function applicationData(state: CardState, session: CardSession, request: Uint8Array): Uint8Array {
  const keyTemplate = findTlv(request, 0x70);
  if (keyTemplate) return publicKey(state, session, keyTemplate);
  const wanted = findTlv(request, 0x5c);
  const tag = wanted && toNumber(wanted);
  if (tag === 0x7f71 || tag === 0x7f72) return pinInformation(state);
  throw new CardStatus(statusWord.referencedDataNotFound);
}

function dataFile(state: CardState, session: CardSession, fileIdentifier: number): CardFile {
  const identifier = fileIdentifier === 0 ? session.selectedFile : fileIdentifier;
  const file = identifier === null ? undefined : state.files.get(identifier);
  if (!file) throw new CardStatus(statusWord.fileNotFound);
  if (isKeyFile(file)) throw new CardStatus(statusWord.incompatibleFile);
  session.selectedFile = identifier;
  return file;
}

function oneObject(file: CardFile, tag: number): Uint8Array {
  const value = file.objects.get(tag);
  if (!value) throw new CardStatus(statusWord.referencedDataNotFound);
  return tlv(tag, value);
}

function allObjects(file: CardFile): Uint8Array {
  return Buffer.concat([...file.objects].map(([tag, value]) => tlv(tag, value)));
}

/** An empty value over an empty one deletes the object. */
function store(file: CardFile, tag: number, value: Uint8Array): void {
  const old = file.objects.get(tag);
  if (value.length > longestObject || (!old && file.objects.size >= mostObjects)) {
    throw new CardStatus(statusWord.notEnoughSpace);
  }
  if (old?.length === 0 && value.length === 0) file.objects.delete(tag);
  else file.objects.set(tag, value);
}

function memoryUsed(state: CardState): number {
  const values = [...state.files.values()].flatMap(({ objects }) => [...objects.values()]);
  return values.reduce((sum, value) => sum + value.length, 0);
}
