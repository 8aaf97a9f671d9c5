/**
 * A virtual OpenPGP card (OpenPGP card specification 3.4.1): the application's commands over its state.
 * It keeps no private keys, so that it can be written, listed and read, but not sign or decrypt.
 */
import { timingSafeEqual } from 'node:crypto';
import type { VirtualCard } from '../pcsc/embedded.js';
import { CardStatus, statusWord, type Command } from './command.js';
import {
  certificateCount,
  getNextOpenpgpData,
  getOpenpgpData,
  openpgpApplication,
  putOpenpgpData,
} from './openpgp-card-data.js';
import { generateOrRead } from './openpgp-card-keys.js';
import { newOpenpgpSession, type OpenpgpSession, type OpenpgpState } from './openpgp-card-state.js';
import { transport } from './transport.js';

export interface OpenpgpCard extends VirtualCard {
  /** What the card keeps; changes as commands are answered. */
  readonly state: OpenpgpState;
}

/** References of VERIFY: PW1 for signatures and for all else, PW3. */
const pinReferences = { userSignature: 0x81, user: 0x82, admin: 0x83 } as const;
const logOut = 0xff;

/** A card with power and this state; the caller sends one command at a time. */
export function openpgpCard(state: OpenpgpState): OpenpgpCard {
  let session = newOpenpgpSession();
  const line = transport(state.extendedLength, (command) => answer(state, session, command));
  return {
    state,
    atr: state.atr,
    transmit: (command) => line.transmit(command),
    reset() {
      session = newOpenpgpSession();
      line.reset();
    },
  };
}

async function answer(state: OpenpgpState, session: OpenpgpSession, command: Command): Promise<Uint8Array> {
  if (command.ins !== 0xa4 && !session.isSelected) throw new CardStatus(statusWord.instructionNotSupported);
  switch (command.ins) {
    case 0x47:
      return generateOrRead(state, session, command);
    case 0xca:
      return getOpenpgpData(state, session, command);
    case 0xcc:
      return getNextOpenpgpData(state, session, command);
    default:
      perform(state, session, command);
      return new Uint8Array();
  }
}

/** The commands that answer a status word only. */
function perform(state: OpenpgpState, session: OpenpgpSession, command: Command): void {
  switch (command.ins) {
    case 0x20:
      verify(state, session, command);
      return;
    case 0xa4:
      select(session, command);
      return;
    case 0xa5:
      selectData(state, session, command);
      return;
    case 0xda:
      putOpenpgpData(state, session, command);
      return;
    default:
      throw new CardStatus(statusWord.instructionNotSupported);
  }
}

/** By the application's identifier, with or without version, manufacturer and serial number; another leaves the selection as it is. */
function select(session: OpenpgpSession, { p1, p2, data }: Command): void {
  const isNamed = openpgpApplication.equals(data.subarray(0, openpgpApplication.length));
  if (p1 !== 0x04 || p2 !== 0x00 || !isNamed) throw new CardStatus(statusWord.fileNotFound);
  Object.assign(session, newOpenpgpSession(), { isSelected: true });
}

function selectData(state: OpenpgpState, session: OpenpgpSession, { p1, p2, data }: Command): void {
  if (certificateCount(state) === 1) throw new CardStatus(statusWord.instructionNotSupported);
  if (p2 !== 0x04) throw new CardStatus(statusWord.incorrectP1P2);
  if (p1 >= certificateCount(state)) throw new CardStatus(statusWord.referencedDataNotFound);
  const expected = state.selectData === 'Standard' ? '60045c027f21' : '0660045c027f21';
  if (Buffer.from(data).toString('hex') !== expected) throw new CardStatus(statusWord.incorrectData);
  session.occurrence = p1;
  session.lastRead = null;
}

/** Without data it asks whether a PIN is needed; P1 FF ends the verification. */
function verify(state: OpenpgpState, session: OpenpgpSession, { p1, p2, data }: Command): void {
  if (p2 < pinReferences.userSignature || p2 > pinReferences.admin)
    throw new CardStatus(statusWord.incorrectP1P2);
  const isAdmin = p2 === pinReferences.admin;
  const pin = isAdmin ? state.pins.admin : state.pins.user;
  const isVerified = isAdmin ? session.adminVerified : session.userVerified;
  if (p1 === logOut) {
    setVerified(session, isAdmin, false);
    return;
  }
  if (p1 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  if (data.length === 0 && isVerified) return;
  if (pin.triesLeft === 0) throw new CardStatus(statusWord.pinBlocked);
  if (data.length > 0) {
    const isRight = data.length === pin.value.length && timingSafeEqual(data, pin.value);
    setVerified(session, isAdmin, isRight);
    pin.triesLeft = isRight ? pin.tryLimit : pin.triesLeft - 1;
    if (isRight) return;
  }
  throw new CardStatus(statusWord.wrongPin + pin.triesLeft);
}

function setVerified(session: OpenpgpSession, isAdmin: boolean, verified: boolean): void {
  if (isAdmin) session.adminVerified = verified;
  else session.userVerified = verified;
}
