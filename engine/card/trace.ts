/** A log of the APDUs that go to a card and come back, without anything secret. */
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex } from '../text.js';

const headerLength = 4;

const getResponse = 0xc0;
const putData = 0xdb;

/**
 * The instructions whose data is public by their nature: SELECT (A4), SELECT DATA (A5), READ BINARY and READ RECORD (B0 to B3),
 * GET DATA (CA, CB), CREATE FILE (E0). The data of every other one is blanked: a list of the commands that carry PINs and keys
 * would miss those that vendors invent.
 */
const publicInstructions: ReadonlySet<number> = new Set([
  0xa4, 0xa5, 0xb0, 0xb1, 0xb2, 0xb3, 0xca, 0xcb, 0xe0,
]);

/** PUT DATA to this file imports a key (GIDS; OpenPGP's extended header list). */
const keyImportFile = 0x3fff;

/** The same card, with each command (`>> 00CB3FFF…`) and answer (`<< … 9000`) passed to `log`; secret data is `[n bytes]`. */
export function traced(card: SmartCardConnection, log: (line: string) => void): SmartCardConnection {
  let answerIsPublic = false;
  return {
    readerName: card.readerName,
    atr: card.atr,
    resetAtEnd: () => {
      card.resetAtEnd();
    },
    uninterrupted: (write) => card.uninterrupted(write),
    async transmit(command) {
      // GET RESPONSE brings the answer of the command before it.
      if (command[1] !== getResponse) answerIsPublic = isPublic(command);
      log(`>> ${showCommand(command)}`);
      const response = await card.transmit(command);
      log(`<< ${showResponse(response, answerIsPublic)}`);
      return response;
    },
  };
}

function isPublic(command: Uint8Array): boolean {
  const [, ins = 0, p1 = 0, p2 = 0] = command;
  return publicInstructions.has(ins) || (ins === putData && ((p1 << 8) | p2) !== keyImportFile);
}

function showCommand(command: Uint8Array): string {
  const size = dataLength(command);
  if (size === 0 || isPublic(command)) return hex(command);
  return `${hex(command.subarray(0, headerLength))} [${String(size)} bytes]`;
}

function showResponse(response: Uint8Array, answerIsPublic: boolean): string {
  const end = Math.max(response.length - 2, 0);
  const data = answerIsPublic ? hex(response.subarray(0, end)) : `[${String(end)} bytes]`;
  return [...(end > 0 ? [data] : []), hex(response.subarray(end))].join(' ');
}

/** How many data bytes a command carries: none if it ends with Le or earlier, everything after the header if its lengths disagree. */
function dataLength(command: Uint8Array): number {
  const body = command.subarray(headerLength);
  const [first = 0, second = 0, third = 0] = body;
  if (body.length <= 1) return 0;
  const extended = first === 0;
  const size = extended ? (second << 8) | third : first;
  const rest = body.length - (extended ? 3 : 1) - size;
  return rest === 0 || rest === (extended ? 2 : 1) ? size : body.length;
}
