/**
 * A virtual PIV card (NIST SP 800-73-4) with the commands of Yubico's that yubico-piv-tool needs. It keeps no private keys, so that it
 * can be written, listed and read, but not sign.
 */
import { timingSafeEqual } from 'node:crypto';
import type { VirtualCard } from '../pcsc/embedded.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { authenticate, generateKey } from './piv-admin.js';
import { getPivData, pivApplication, putPivData } from './piv-objects.js';
import { newPivSession, type PivSession, type PivState } from './piv-state.js';
import { tlv } from './tlv.js';
import { transport } from './transport.js';

export interface PivCard extends VirtualCard {
  /** What the card keeps; changes as commands are answered. */
  readonly state: PivState;
}

/** Before 5.3 clients don't ask for metadata, which the card doesn't have. */
const version = Uint8Array.of(5, 2, 4);
const cardPin = 0x80;
const pinLength = 8;
const ownerLength = 5;

/** A card with power and this state; the caller sends one command at a time. */
export function pivCard(state: PivState): PivCard {
  let session = newPivSession();
  const line = transport(state.extendedLength, (command) => answer(state, session, command));
  return {
    state,
    atr: state.atr,
    transmit: (command) => line.transmit(command),
    reset() {
      session = newPivSession();
      line.reset();
    },
  };
}

async function answer(state: PivState, session: PivSession, command: Command): Promise<Uint8Array> {
  if (command.ins === 0xa4) return select(session, command);
  if (!session.isSelected) throw new CardStatus(statusWord.instructionNotSupported);
  switch (command.ins) {
    case 0x20:
      verify(state, session, command);
      return new Uint8Array();
    case 0x47:
      return generateKey(session, command);
    case 0x87:
      return authenticate(state, session, command);
    case 0xcb:
      return getPivData(state, command);
    case 0xdb:
      putPivData(state, session, command);
      return new Uint8Array();
    case 0xf7:
      return metadata(state, command);
    case 0xf8:
      return serialNumber(state);
    case 0xfd:
      return version;
    default:
      throw new CardStatus(statusWord.instructionNotSupported);
  }
}

/** By the whole name or its beginning, down to the owner's; another name leaves the selection as it is (part 2, 3.1.1). */
function select(session: PivSession, { p1, p2, data }: Command): Uint8Array {
  const isNamed = data.length >= ownerLength && pivApplication.subarray(0, data.length).equals(data);
  if (p1 !== 0x04 || p2 !== 0x00 || !isNamed) throw new CardStatus(statusWord.fileNotFound);
  Object.assign(session, newPivSession(), { isSelected: true });
  const owner = pivApplication.subarray(0, ownerLength);
  return tlv(0x61, tlv(0x4f, pivApplication.subarray(ownerLength)), tlv(0x79, tlv(0x4f, owner)));
}

/** Without data it asks whether a PIN is needed (part 2, 3.2.1). */
function verify(state: PivState, session: PivSession, { p1, p2, data }: Command): void {
  if (p1 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  if (p2 !== cardPin) throw new CardStatus(statusWord.referencedDataNotFound);
  const { pin } = state;
  if (pin.triesLeft === 0) throw new CardStatus(statusWord.pinBlocked);
  if (data.length === 0 && session.pinVerified) return;
  if (data.length === 0) throw new CardStatus(statusWord.wrongPin + pin.triesLeft);
  if (data.length !== pinLength) throw new CardStatus(statusWord.incorrectData);
  session.pinVerified = timingSafeEqual(data, pin.value);
  pin.triesLeft = session.pinVerified ? pin.tryLimit : pin.triesLeft - 1;
  if (!session.pinVerified) throw new CardStatus(statusWord.wrongPin + pin.triesLeft);
}

/** Yubico's GET METADATA, of which it gives the public key (04). */
function metadata({ publicKeys }: PivState, { p1, p2 }: Command): Uint8Array {
  if (publicKeys === null) throw new CardStatus(statusWord.instructionNotSupported);
  if (p1 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  const key = publicKeys.get(p2.toString(16).toUpperCase());
  if (key === undefined) throw new CardStatus(statusWord.referencedDataNotFound);
  return tlv(0x04, key);
}

function serialNumber(state: PivState): Uint8Array {
  if (state.serialNumber === null) throw new CardStatus(statusWord.instructionNotSupported);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(state.serialNumber);
  return bytes;
}
