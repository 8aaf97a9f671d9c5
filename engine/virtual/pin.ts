/** The user PIN: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (ISO/IEC 7816-4:2013, 11.5; GIDS 2.0, PIN 80). */
import { timingSafeEqual } from 'node:crypto';
import { endAdminAuthentication } from './admin.js';
import type { CardSession, CardState } from './card-state.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { tlv } from './tlv.js';

const userPin = 0x80;
/** VERIFY with this reference ends all authentications. */
const deauthenticate = 0x82;
const shortest = 4;
const longest = 16;

export function verify(state: CardState, session: CardSession, command: Command): void {
  if (command.p1 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  if (command.p2 === deauthenticate) {
    endAuthentication(session);
    return;
  }
  requireUserPin(command);
  if (state.pin.triesLeft === 0) throw new CardStatus(statusWord.pinBlocked);
  if (command.data.length === 0) {
    if (state.activated && !session.pinVerified) throw triesLeft(state);
    return;
  }
  if (!hasPinLength(command.data)) throw triesLeft(state);
  check(state, session, command.data);
}

export function changeReferenceData(state: CardState, session: CardSession, command: Command): void {
  requireUserPin(command);
  if (command.p1 === 0x01) replaceWithoutOldPin(state, session, command.data);
  else if (command.p1 === 0x00) replaceWithOldPin(state, session, command.data);
  else throw new CardStatus(statusWord.incorrectP1P2);
}

/** Unblocks the PIN for an authenticated administrator, whose authentication ends with it. */
export function resetRetryCounter(state: CardState, session: CardSession, command: Command): void {
  if (command.p1 !== 0x02) throw new CardStatus(statusWord.incorrectP1P2);
  requireUserPin(command);
  if (!session.adminAuthenticated) throw new CardStatus(statusWord.securityStatusNotSatisfied);
  setPin(state, command.data);
  state.pin.triesLeft = state.pin.tryLimit;
  endAuthentication(session);
}

export function endAuthentication(session: CardSession): void {
  session.pinVerified = false;
  endAdminAuthentication(session);
}

/** DO 7F71: tries left (97) and try limit (93). */
export function pinInformation(state: CardState): Uint8Array {
  return tlv(
    0x7f71,
    tlv(0x97, Uint8Array.of(state.pin.triesLeft)),
    tlv(0x93, Uint8Array.of(state.pin.tryLimit)),
  );
}

function requireUserPin(command: Command): void {
  if (command.p2 !== userPin && command.p2 !== 0x00) throw new CardStatus(statusWord.referencedDataNotFound);
}

function replaceWithoutOldPin(state: CardState, session: CardSession, pin: Uint8Array): void {
  if (state.activated && !session.pinVerified) throw new CardStatus(statusWord.securityStatusNotSatisfied);
  setPin(state, pin);
}

function replaceWithOldPin(state: CardState, session: CardSession, oldAndNew: Uint8Array): void {
  if (state.pin.triesLeft === 0) throw new CardStatus(statusWord.pinBlocked);
  const oldLength = state.pin.value.length;
  check(state, session, oldAndNew.subarray(0, oldLength));
  setPin(state, oldAndNew.slice(oldLength));
}

/** A wrong PIN costs a try and ends the verification. */
function check(state: CardState, session: CardSession, pin: Uint8Array): void {
  const stored = state.pin.value;
  session.pinVerified = stored.length > 0 && pin.length === stored.length && timingSafeEqual(pin, stored);
  state.pin.triesLeft = session.pinVerified ? state.pin.tryLimit : state.pin.triesLeft - 1;
  if (!session.pinVerified) throw triesLeft(state);
}

function setPin(state: CardState, pin: Uint8Array): void {
  if (!hasPinLength(pin)) throw new CardStatus(statusWord.wrongLength);
  state.pin.value = pin;
}

function hasPinLength(pin: Uint8Array): boolean {
  return pin.length >= shortest && pin.length <= longest;
}

function triesLeft(state: CardState): CardStatus {
  return new CardStatus(statusWord.wrongPin + state.pin.triesLeft);
}
