/** The administrator's mutual authentication with a 3DES key (GIDS 2.0, GENERAL AUTHENTICATE). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { access, requireFileAccess } from './access.js';
import type { CardSession, CardState } from './card-state.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { findTlv, tlv } from './tlv.js';

const challengeLength = 16;
/** R2, R1, 7 bytes of key material and the padding byte 80. */
const answerLength = 40;
const padding = 0x80;
const algorithm = 'des-ede3-cbc';
const initialVector = new Uint8Array(8);

/** MANAGE SECURITY ENVIRONMENT, SET for mutual authentication: chooses the secret key that template A4 names. */
export function manageSecurityEnvironment(state: CardState, session: CardSession, command: Command): void {
  if (command.p1 !== 0xc1 || command.p2 !== 0xa4) throw new CardStatus(statusWord.functionNotSupported);
  const [reference] = findTlv(command.data, 0x83) ?? [];
  const file = reference === undefined ? undefined : state.files.get(0xb000 + reference);
  if (file?.key?.kind !== 'secret') throw new CardStatus(statusWord.referencedDataNotFound);
  requireFileAccess(state, session, file, access.useKey);
  session.secretKey = file.key.value;
}

/** Takes a challenge (81) or the answer to the card's own (82), within template 7C. */
export function generalAuthenticate(session: CardSession, command: Command): Uint8Array {
  if (command.p1 !== 0x00 || command.p2 !== 0x00) throw new CardStatus(statusWord.incorrectP1P2);
  const template = findTlv(command.data, 0x7c) ?? new Uint8Array();
  const challenge = findTlv(template, 0x81);
  const answer = findTlv(template, 0x82);
  if (challenge) return beginAuthentication(session, challenge);
  if (answer) return finishAuthentication(session, answer);
  throw new CardStatus(statusWord.dataInvalid);
}

export function endAdminAuthentication(session: CardSession): void {
  session.adminAuthenticated = false;
  session.challenges = null;
  session.secretKey = null;
}

function beginAuthentication(session: CardSession, terminal: Uint8Array): Uint8Array {
  session.adminAuthenticated = false;
  session.challenges = null;
  if (terminal.length !== challengeLength) throw new CardStatus(statusWord.dataInvalid);
  const card = randomBytes(challengeLength);
  session.challenges = { terminal, card };
  return tlv(0x7c, tlv(0x81, card));
}

/** The terminal answers with R2, R1, Z1 encrypted; the card proves itself with R1, R2, Z2. */
function finishAuthentication(session: CardSession, answer: Uint8Array): Uint8Array {
  const { challenges, secretKey } = session;
  session.challenges = null;
  if (!challenges || !secretKey) throw new CardStatus(statusWord.conditionsNotSatisfied);
  const expected = Buffer.concat([challenges.card, challenges.terminal]);
  const given = answer.length === answerLength ? decrypt(secretKey, answer) : Buffer.alloc(0);
  if (!given.subarray(0, expected.length).equals(expected) || given.at(-1) !== padding) {
    throw new CardStatus(statusWord.securityStatusNotSatisfied);
  }
  session.adminAuthenticated = true;
  const proof = Buffer.concat([challenges.terminal, challenges.card, randomBytes(7), Uint8Array.of(padding)]);
  return tlv(0x7c, tlv(0x82, encrypt(secretKey, proof)));
}

function decrypt(key: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createDecipheriv(algorithm, key, initialVector).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}

function encrypt(key: Uint8Array, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv(algorithm, key, initialVector).setAutoPadding(false);
  return Buffer.concat([cipher.update(bytes), cipher.final()]);
}
