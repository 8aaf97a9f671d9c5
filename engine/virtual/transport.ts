/** What stands between reader and card application: command chaining (ISO/IEC 7816-4:2013, 5.3.3) and GET RESPONSE (11.7.1). */
import { CardStatus, parseCommand, statusWord, type Command } from './command.js';

export interface Transport {
  transmit(bytes: Uint8Array): Promise<Uint8Array>;
  /** Forgets a chain that has begun and a response that wasn't fetched. */
  reset(): void;
}

const getResponse = 0xc0;
/** PERFORM SECURITY OPERATION, GENERATE ASYMMETRIC KEY PAIR, PUT DATA with even and odd instruction byte. */
const chainable = new Set([0x2a, 0x47, 0xda, 0xdb]);
const longestChain = 0xffff;
/** A virtual reader's messages have a 16-bit length. */
const longestResponse = 0xff00;

/** @param answer the application: whole commands to whole responses; a CardStatus it throws becomes the status word */
export function transport(
  extendedLength: boolean,
  answer: (command: Command) => Promise<Uint8Array>,
): Transport {
  let chain: Command | null = null;
  let response: Uint8Array = new Uint8Array();

  async function respond(bytes: Uint8Array): Promise<Uint8Array> {
    const command = parseCommand(bytes);
    if (!command || (command.extended && !extendedLength)) throw new CardStatus(statusWord.wrongLength);
    requireClass(command.cla);
    if (command.ins === getResponse) return nextPart(command);
    response = new Uint8Array();
    const whole = chained(command);
    if (!whole) return withStatus(statusWord.ok);
    response = await answer(whole);
    return nextPart(whole);
  }

  /** The command with all its chain's data, null while more is to come. */
  function chained(command: Command): Command | null {
    const begun = chain;
    chain = null;
    const continues = (command.cla & 0x10) !== 0;
    if (!begun && !continues) return command;
    if (!chainable.has(command.ins)) {
      throw new CardStatus(begun ? statusWord.lastCommandOfChainExpected : statusWord.chainingNotSupported);
    }
    if (begun && (begun.ins !== command.ins || begun.p1 !== command.p1 || begun.p2 !== command.p2)) {
      throw new CardStatus(statusWord.lastCommandOfChainExpected);
    }
    const data = Buffer.concat([begun?.data ?? new Uint8Array(), command.data]);
    if (data.length > longestChain) throw new CardStatus(statusWord.notEnoughSpace);
    if (!continues) return { ...command, data };
    chain = { ...command, data };
    return null;
  }

  /** As much as Le allows (without Le: as a short one would), and 61xx while there is more. */
  function nextPart(command: Command): Uint8Array {
    if (command.ins === getResponse && response.length === 0)
      throw new CardStatus(statusWord.conditionsNotSatisfied);
    const length = Math.min(command.le ?? 0x100, longestResponse);
    const part = response.subarray(0, length);
    response = response.subarray(length);
    return withStatus(response.length > 0 ? moreAvailable(response.length) : statusWord.ok, part);
  }

  return {
    async transmit(bytes) {
      try {
        return await respond(bytes);
      } catch (error) {
        if (error instanceof CardStatus) return withStatus(error.statusWord);
        throw error;
      }
    },
    reset() {
      chain = null;
      response = new Uint8Array();
    },
  };
}

/** Interindustry class, basic channel, no secure messaging; bit 5 is command chaining. */
function requireClass(cla: number): void {
  if ((cla & 0xe0) !== 0) throw new CardStatus(statusWord.classNotSupported);
  if ((cla & 0x0c) !== 0) throw new CardStatus(statusWord.secureMessagingNotSupported);
  if ((cla & 0x03) !== 0) throw new CardStatus(statusWord.channelNotSupported);
}

/** 61xx, where 00 stands for 256 bytes or more. */
function moreAvailable(length: number): number {
  return 0x6100 + (length < 0x100 ? length : 0);
}

function withStatus(status: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return Uint8Array.from([...data, status >> 8, status & 0xff]);
}
