/** Command APDUs (ISO/IEC 7816-3:2006, 12.1.3) and status words (ISO/IEC 7816-4:2013, 5.1.3), as the virtual card sees them. */

export interface Command {
  readonly cla: number;
  readonly ins: number;
  readonly p1: number;
  readonly p2: number;
  readonly data: Uint8Array;
  /** The most bytes the response may have, 1 to 65536; null when the command asks for none. */
  readonly le: number | null;
  readonly extended: boolean;
}

/** Reads one of the seven forms (1, 2S to 4S, 2E to 4E); null when the lengths don't agree. */
export function parseCommand(bytes: Uint8Array): Command | null {
  const [cla, ins, p1, p2, first] = bytes;
  if (cla === undefined || ins === undefined || p1 === undefined || p2 === undefined) return null;
  const body =
    first === undefined
      ? noBody
      : first === 0 && bytes.length > 5
        ? extendedBody(bytes)
        : shortBody(bytes, first);
  return body && { cla, ins, p1, p2, ...body };
}

type Body = Pick<Command, 'data' | 'le' | 'extended'>;

const noBody: Body = { data: new Uint8Array(), le: null, extended: false };

function shortBody(bytes: Uint8Array, first: number): Body | null {
  if (bytes.length === 5) return { data: new Uint8Array(), le: first || 0x100, extended: false };
  const data = bytes.slice(5, 5 + first);
  if (bytes.length === 5 + first) return { data, le: null, extended: false };
  const le = bytes[5 + first];
  return bytes.length === 6 + first && le !== undefined ? { data, le: le || 0x100, extended: false } : null;
}

function extendedBody(bytes: Uint8Array): Body | null {
  if (bytes.length < 7) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint16(5);
  if (bytes.length === 7) return { data: new Uint8Array(), le: length || 0x10000, extended: true };
  const data = bytes.slice(7, 7 + length);
  if (length === 0) return null;
  if (bytes.length === 7 + length) return { data, le: null, extended: true };
  return bytes.length === 9 + length
    ? { data, le: view.getUint16(7 + length) || 0x10000, extended: true }
    : null;
}

export const statusWord = {
  ok: 0x9000,
  wrongPin: 0x63c0,
  wrongLength: 0x6700,
  channelNotSupported: 0x6881,
  secureMessagingNotSupported: 0x6882,
  lastCommandOfChainExpected: 0x6883,
  chainingNotSupported: 0x6884,
  incompatibleFile: 0x6981,
  securityStatusNotSatisfied: 0x6982,
  pinBlocked: 0x6983,
  dataInvalid: 0x6984,
  conditionsNotSatisfied: 0x6985,
  incorrectData: 0x6a80,
  functionNotSupported: 0x6a81,
  fileNotFound: 0x6a82,
  notEnoughSpace: 0x6a84,
  incorrectP1P2: 0x6a86,
  referencedDataNotFound: 0x6a88,
  fileExists: 0x6a89,
  instructionNotSupported: 0x6d00,
  classNotSupported: 0x6e00,
} as const;

/** Ends a command with a status word other than 9000. */
export class CardStatus extends Error {
  override readonly name = 'CardStatus';
  readonly statusWord: number;

  constructor(statusWord: number) {
    super(`the card answers ${statusWord.toString(16)}`);
    this.statusWord = statusWord;
  }
}
