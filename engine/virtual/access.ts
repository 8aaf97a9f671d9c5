/** Who may do what with a file: security attributes in compact format (ISO/IEC 7816-4:2013, 9.3.3; GIDS 2.0, access control). */
import type { CardFile, CardSession, CardState } from './card-state.js';
import { CardStatus, statusWord } from './command.js';
import { findTlv } from './tlv.js';

/** Bits of the access mode byte, by kind of file (ISO/IEC 7816-4:2013, tables 28 to 32; keys: GIDS 2.0). */
export const access = {
  deleteChild: 0x01,
  createFile: 0x02,
  getData: 0x01,
  putData: 0x02,
  readPublicKey: 0x01,
  putKey: 0x02,
  useKey: 0x04,
  generateKey: 0x08,
} as const;

/** The application's own attributes: user or administrator may create and delete files. */
const applicationParameters = Uint8Array.of(0x8c, 0x03, 0x03, 0x30, 0x30);

/** @throws CardStatus 6985 (file not activated), 6982 */
export function requireFileAccess(
  state: CardState,
  session: CardSession,
  file: CardFile,
  operation: number,
): void {
  if (!file.activated) throw new CardStatus(statusWord.conditionsNotSatisfied);
  requireAccess(state, session, file.parameters, operation);
}

/** @throws CardStatus 6982 */
export function requireApplicationAccess(state: CardState, session: CardSession, operation: number): void {
  requireAccess(state, session, applicationParameters, operation);
}

function requireAccess(
  state: CardState,
  session: CardSession,
  parameters: Uint8Array,
  operation: number,
): void {
  const condition = conditionOf(findTlv(parameters, 0x8c) ?? new Uint8Array(), operation);
  if (!isSatisfied(state, session, condition)) throw new CardStatus(statusWord.securityStatusNotSatisfied);
}

/** The access mode byte is followed by one condition per bit set, from bit 7 down; an operation that isn't named is free. */
function conditionOf(attributes: Uint8Array, operation: number): number {
  const [mode = 0, ...conditions] = attributes;
  const named = [0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01].filter((bit) => (mode & bit) !== 0);
  const index = named.indexOf(operation);
  return index < 0 ? 0x00 : (conditions[index] ?? 0xff);
}

/** 00 always, FF never; else bit 8 all or at least one of: bit 7 secure messaging (none here), bit 6 administrator, bit 5 user. */
function isSatisfied(state: CardState, session: CardSession, condition: number): boolean {
  if (condition === 0x00) return true;
  if (condition === 0xff) return false;
  if (!state.activated) return true;
  const asked: boolean[] = [];
  if ((condition & 0x40) !== 0) asked.push(false);
  if ((condition & 0x20) !== 0) asked.push(session.adminAuthenticated);
  if ((condition & 0x10) !== 0) asked.push(session.pinVerified);
  return (condition & 0x80) !== 0 ? asked.every(Boolean) : asked.some(Boolean);
}
