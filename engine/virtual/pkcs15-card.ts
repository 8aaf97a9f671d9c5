/**
 * A virtual PKCS #15 card: a tree of files that pkcs15-init fills, with the commands of MyEID or of IsoApplet. It keeps no private keys, so
 * that it can be written, listed and read, but not sign.
 */
import type { VirtualCard } from '../pcsc/embedded.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { readBinary, updateBinary } from './iso-binary.js';
import { createFile, deleteFile, selectFile, type FileOperation, type IsoFile } from './iso-files.js';
import { isoApplet } from './pkcs15-card-isoapplet.js';
import { myEid } from './pkcs15-card-myeid.js';
import { changePin, unblockPin, verifyPin } from './pkcs15-card-pins.js';
import {
  newPkcs15Session,
  type Pkcs15CardKind,
  type Pkcs15CardModel,
  type Pkcs15CardSession,
  type Pkcs15CardState,
} from './pkcs15-card-state.js';
import { tlv } from './tlv.js';
import { transport } from './transport.js';

export interface Pkcs15Card extends VirtualCard {
  /** What the card keeps; changes as commands are answered. */
  readonly state: Pkcs15CardState;
}

const models: Readonly<Record<Pkcs15CardKind, Pkcs15CardModel>> = { MyEID: myEid, IsoApplet: isoApplet };
const byName = 0x04;
const informationTemplate = 0x6f;

/** A card as it leaves the factory. */
export function blankPkcs15Card(
  kind: Pkcs15CardKind,
  options: Partial<Pick<Pkcs15CardState, 'extendedLength' | 'serialNumber'>> = {},
): Pkcs15CardState {
  const state: Pkcs15CardState = {
    kind,
    atr: models[kind].atr,
    extendedLength: options.extendedLength ?? false,
    serialNumber: options.serialNumber ?? Buffer.from('00000000001234567890', 'hex'),
    activated: false,
    pins: new Map(),
    files: new Map(),
  };
  models[kind].initialize(state);
  return state;
}

/** A card with power and this state; the caller sends one command at a time. */
export function pkcs15Card(state: Pkcs15CardState): Pkcs15Card {
  const model = models[state.kind];
  let session = newPkcs15Session();
  const line = transport(state.extendedLength, (command) => answer(model, state, session, command));
  return {
    state,
    atr: state.atr,
    transmit: (command) => line.transmit(model.translate(command)),
    reset() {
      session = newPkcs15Session();
      line.reset();
    },
  };
}

/** The model's own commands, then those that all cards of this kind have. */
async function answer(
  model: Pkcs15CardModel,
  state: Pkcs15CardState,
  session: Pkcs15CardSession,
  command: Command,
): Promise<Uint8Array> {
  if (command.ins === 0xa4) return select(model, state, session, command);
  if (session.directory === null) throw new CardStatus(statusWord.instructionNotSupported);
  const requireAccess = (file: IsoFile, operation: FileOperation): void =>
    requireCondition(state, session, model.condition(file, operation));
  const own = await model.answer(state, session, command, requireAccess);
  if (own !== null) return own;
  if (command.ins === 0xb0) return readBinary(state, session, command, requireAccess);
  perform(model, state, session, command, requireAccess);
  return new Uint8Array();
}

/** The commands that answer a status word only. */
function perform(
  model: Pkcs15CardModel,
  state: Pkcs15CardState,
  session: Pkcs15CardSession,
  command: Command,
  requireAccess: (file: IsoFile, operation: FileOperation) => void,
): void {
  switch (command.ins) {
    case 0x20:
      verifyPin(state, session, command);
      return;
    case 0x24:
      changePin(state, command);
      return;
    case 0x2c:
      unblockPin(state, command);
      return;
    case 0xd6:
      updateBinary(state, session, command, requireAccess);
      return;
    case 0xe0:
      createFile(state, session, command, model.fill, requireAccess);
      return;
    case 0xe4:
      deleteFile(state, session, command, requireAccess);
      return;
    default:
      throw new CardStatus(statusWord.instructionNotSupported);
  }
}

function select(
  model: Pkcs15CardModel,
  state: Pkcs15CardState,
  session: Pkcs15CardSession,
  command: Command,
): Uint8Array {
  if (command.p1 !== byName) {
    const file = selectFile(state, session, command);
    return file === null ? new Uint8Array() : tlv(informationTemplate, model.information(state, file));
  }
  if (!model.name.equals(command.data)) throw new CardStatus(statusWord.fileNotFound);
  session.directory = model.start;
  session.file = null;
  return new Uint8Array();
}

function requireCondition(
  { activated }: Pkcs15CardState,
  { verified }: Pkcs15CardSession,
  condition: number | 'Always' | 'Never',
): void {
  if (!activated || condition === 'Always') return;
  if (condition === 'Never' || !verified.has(condition)) {
    throw new CardStatus(statusWord.securityStatusNotSatisfied);
  }
}
