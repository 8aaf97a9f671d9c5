/** Command APDUs: how they are encoded and sent, and how long ones travel (ISO/IEC 7816-4:2013, 5.1 to 5.3). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hexCode, visible } from '../text.js';
import { atrAnnouncesExtendedLength, speaksOnlyT0 } from './capabilities.js';
import { commandFailed, statusWords } from './status-word.js';

export interface Command {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  /** Up to 65,535 bytes. */
  readonly data?: Uint8Array;
  /** The most bytes that may come back, 1 to 65,536; absent when no data is expected. */
  readonly le?: number;
}

export interface Answer {
  readonly data: Uint8Array;
  readonly statusWord: number;
}

export interface SendOptions {
  /** The command carries a PIN or a key: its encoded form is zeroed after it was sent. */
  readonly secret?: boolean;
}

/** As much as an answer may hold: the length to ask for when the size isn't known. */
export const largestAnswer = 65536;

const shortDataLength = 255;
const shortAnswerLength = 256;
const chainingBit = 0x10;
const getResponse = 0xc0;

/** 64 KiB take 256 full short answers; a card that gives less at a time is still served, up to here. */
const mostRounds = 1024;

/** Whether a card takes extended length fields: what its ATR or its application says, until an attempt fails. */
const extendedLengths = new WeakMap<SmartCardConnection, boolean>();

/** Remembers that the selected application announced extended length fields. */
export function announceExtendedLength(card: SmartCardConnection): void {
  if (!extendedLengths.has(card)) extendedLengths.set(card, true);
}

/**
 * The bytes of a command (ISO/IEC 7816-4:2013, 5.1). `short`: up to 255 bytes of data, Le up to 256.
 * @throws CertPropError InternalError if the data doesn't fit
 */
export function encodeCommand(command: Command, form: 'short' | 'extended'): Uint8Array {
  const { cla, ins, p1, p2, le } = command;
  const data = command.data ?? new Uint8Array();
  if (data.length > (form === 'short' ? shortDataLength : 0xffff)) {
    throw new CertPropError(
      'InternalError',
      `A card command of ${String(data.length)} bytes does not fit one APDU.`,
    );
  }
  const lc = data.length > 0 ? lengthField(data.length, form) : [];
  const before = [cla, ins, p1, p2, ...(form === 'extended' ? [0] : []), ...lc];
  const after = le === undefined ? [] : lengthField(le, form);
  // The data is copied once, so that zeroing the result leaves no PIN behind.
  const apdu = new Uint8Array(before.length + data.length + after.length);
  apdu.set(before);
  apdu.set(data, before.length);
  apdu.set(after, before.length + data.length);
  return apdu;
}

/** One byte, or two in extended form; the largest Le (256 or 65,536) becomes zeros. */
function lengthField(length: number, form: 'short' | 'extended'): number[] {
  if (form === 'short') return [Math.min(length, shortAnswerLength) & 0xff];
  return [(length >> 8) & 0xff, length & 0xff];
}

/**
 * Sends a command of any length and gathers the whole answer: extended length where the card takes it, command chaining where it does
 * not, GET RESPONSE after 61xx, the right Le after 6Cxx. Any status word is returned; see `expectOk`.
 * @throws CertPropError MalformedCardData for an answer over 64 KiB or one that never ends, and all that `transmit` throws
 */
export async function sendCommand(
  card: SmartCardConnection,
  command: Command,
  options: SendOptions = {},
): Promise<Answer> {
  if (needsExtendedLength(command) && takesExtendedLength(card)) {
    const answer = await tryExtended(card, command, options);
    if (answer !== null) return gatherAnswer(card, command, answer);
    extendedLengths.set(card, false);
  }
  return gatherAnswer(card, command, await sendShort(card, command, options));
}

/** The data of a successful answer. `action` completes "refused to …". */
export function expectOk(card: SmartCardConnection, answer: Answer, action: string): Uint8Array {
  if (answer.statusWord !== statusWords.ok) throw commandFailed(card.readerName, answer.statusWord, action);
  return answer.data;
}

function needsExtendedLength({ data, le }: Command): boolean {
  return (data?.length ?? 0) > shortDataLength || (le ?? 0) > shortAnswerLength;
}

function takesExtendedLength(card: SmartCardConnection): boolean {
  if (speaksOnlyT0(card.atr)) return false;
  return extendedLengths.get(card) ?? atrAnnouncesExtendedLength(card.atr);
}

/** Null when the card (6700, 6Cxx) or the reader can't carry extended length fields. */
async function tryExtended(
  card: SmartCardConnection,
  command: Command,
  options: SendOptions,
): Promise<Answer | null> {
  try {
    const answer = await exchange(card, encodeCommand(command, 'extended'), options);
    const refused = answer.statusWord === statusWords.wrongLength || answer.statusWord >> 8 === 0x6c;
    return refused ? null : answer;
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'PcscFailure') return null;
    throw error;
  }
}

/** Sends in short form, as a chain if the data is long; a refused part ends the chain. */
async function sendShort(card: SmartCardConnection, command: Command, options: SendOptions): Promise<Answer> {
  const { le, data = new Uint8Array(), ...header } = command;
  let offset = 0;
  while (data.length - offset > shortDataLength) {
    const part = data.subarray(offset, offset + shortDataLength);
    const link = { ...header, cla: header.cla | chainingBit, data: part };
    const answer = await exchange(card, encodeCommand(link, 'short'), options);
    if (answer.statusWord !== statusWords.ok) return answer;
    offset += shortDataLength;
  }
  const last = { ...header, data: data.subarray(offset), ...leField(card, data.length > 0, le) };
  const answer = await exchange(card, encodeCommand(last, 'short'), options);
  const rightLength = le === undefined ? null : lengthAfter(answer.statusWord, 0x6c);
  if (rightLength === null) return answer;
  return exchange(card, encodeCommand({ ...last, le: rightLength }, 'short'), options);
}

function leField(card: SmartCardConnection, hasData: boolean, le: number | undefined): { le?: number } {
  return le === undefined || (hasData && speaksOnlyT0(card.atr)) ? {} : { le };
}

/** The number of bytes that a 61xx or 6Cxx status word names (00 stands for 256), null for another status word. */
function lengthAfter(statusWord: number, first: 0x61 | 0x6c): number | null {
  if (statusWord >> 8 !== first) return null;
  return (statusWord & 0xff) === 0 ? shortAnswerLength : statusWord & 0xff;
}

/** Follows 61xx with GET RESPONSE until the answer is complete. */
async function gatherAnswer(card: SmartCardConnection, command: Command, first: Answer): Promise<Answer> {
  const parts = [first.data];
  let size = first.data.length;
  let { statusWord } = first;
  let remaining = lengthAfter(statusWord, 0x61);
  for (let round = 0; remaining !== null; round++) {
    if (round === mostRounds) throw malformed(card, 'its answer does not end');
    const answer = await sendShort(
      card,
      { cla: command.cla & ~chainingBit, ins: getResponse, p1: 0, p2: 0, le: remaining },
      {},
    );
    ({ statusWord } = answer);
    remaining = lengthAfter(statusWord, 0x61);
    if (remaining !== null && answer.data.length === 0) {
      throw malformed(card, `it promises more data (${hexCode(statusWord, 4)}) and gives none`);
    }
    parts.push(answer.data);
    size += answer.data.length;
    if (size > largestAnswer) throw malformed(card, 'its answer is larger than 64 KiB');
  }
  return { data: parts.length === 1 ? first.data : Buffer.concat(parts), statusWord };
}

async function exchange(
  card: SmartCardConnection,
  apdu: Uint8Array,
  { secret = false }: SendOptions,
): Promise<Answer> {
  try {
    const response = await card.transmit(apdu);
    if (response.length < 2) throw malformed(card, 'its answer has no status word');
    if (response.length > largestAnswer + 2) throw malformed(card, 'its answer is larger than 64 KiB');
    const end = response.length - 2;
    const statusWord = ((response[end] ?? 0) << 8) | (response[end + 1] ?? 0);
    return { data: response.subarray(0, end), statusWord };
  } finally {
    if (secret) apdu.fill(0);
  }
}

function malformed(card: SmartCardConnection, problem: string): CertPropError {
  const readerName = visible(card.readerName);
  return new CertPropError(
    'MalformedCardData',
    `The card in the reader "${readerName}" can't be understood: ${problem}.`,
    { readerName },
  );
}
