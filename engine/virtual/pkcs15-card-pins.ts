/** VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, and the end of a verification (ISO/IEC 7816-4:2013, 11.5). */
import { timingSafeEqual } from 'node:crypto';
import { CardStatus, statusWord, type Command } from './command.js';
import type { CardPin, Pkcs15CardSession, Pkcs15CardState } from './pkcs15-card-state.js';

/** Without data: asks for the tries that are left. */
export function verifyPin(state: Pkcs15CardState, session: Pkcs15CardSession, { p2, data }: Command): void {
  const pin = pinOf(state, p2);
  if (data.length === 0) {
    if (!session.verified.has(p2)) throw triesLeft(pin);
    return;
  }
  session.verified.delete(p2);
  compare(pin, pin.value, data);
  session.verified.add(p2);
}

/** The old PIN and the new one, both padded to the same length. */
export function changePin(state: Pkcs15CardState, { p2, data }: Command): void {
  const pin = pinOf(state, p2);
  const [old, changed] = halves(data);
  compare(pin, pin.value, old);
  pin.value = changed;
}

/** The unblocking code and the new PIN, both padded to the same length. */
export function unblockPin(state: Pkcs15CardState, { p2, data }: Command): void {
  const pin = pinOf(state, p2);
  const [code, changed] = halves(data);
  if (!isSame(pin.unblocking, code)) throw new CardStatus(statusWord.wrongPin);
  pin.value = changed;
  pin.triesLeft = pin.tryLimit;
}

/** MyEID's end of a verification: of one PIN, or of all (0). */
export function logOut(session: Pkcs15CardSession, { p2 }: Command): void {
  if (p2 === 0) session.verified.clear();
  else session.verified.delete(p2);
}

function pinOf(state: Pkcs15CardState, reference: number): CardPin {
  const pin = state.pins.get(reference);
  if (pin === undefined) throw new CardStatus(statusWord.referencedDataNotFound);
  return pin;
}

function compare(pin: CardPin, expected: Uint8Array, given: Uint8Array): void {
  if (pin.triesLeft === 0) throw new CardStatus(statusWord.pinBlocked);
  if (isSame(expected, given)) {
    pin.triesLeft = pin.tryLimit;
    return;
  }
  pin.triesLeft -= 1;
  throw triesLeft(pin);
}

function triesLeft({ triesLeft: left }: CardPin): CardStatus {
  return new CardStatus(left === 0 ? statusWord.pinBlocked : statusWord.wrongPin + left);
}

function isSame(expected: Uint8Array, given: Uint8Array): boolean {
  return expected.length > 0 && expected.length === given.length && timingSafeEqual(expected, given);
}

function halves(data: Uint8Array): [Uint8Array, Uint8Array] {
  return [data.slice(0, data.length / 2), data.slice(data.length / 2)];
}
