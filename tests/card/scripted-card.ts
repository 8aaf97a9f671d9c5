/** Cards for tests: one that follows a script, and one with data objects that answers like a short-length GIDS card. */
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';

export const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

/** ATR of a T=1 card without historical bytes. */
export const plainAtr = fromHex('3B 80 01 81');

export interface TestCard extends SmartCardConnection {
  /** The commands as they came, in hex. */
  readonly commands: string[];
  readonly resets: () => number;
}

/** A card that answers each command as `respond` says. */
export function testCard(
  respond: (command: Uint8Array, count: number) => Uint8Array | Error,
  atr: Uint8Array = plainAtr,
): TestCard {
  const commands: string[] = [];
  let resets = 0;
  return {
    readerName: 'Test Reader',
    atr,
    commands,
    resets: () => resets,
    transmit(command) {
      commands.push(hex(command));
      const response = respond(command, commands.length);
      return response instanceof Error ? Promise.reject(response) : Promise.resolve(response);
    },
    resetAtEnd() {
      resets++;
    },
    uninterrupted: (write) => write(),
  };
}

/** A card that expects exactly these commands and gives these answers, all in hex. */
export function scriptedCard(exchanges: readonly (readonly [string, string])[], atr?: Uint8Array): TestCard {
  return testCard((command, count) => {
    const [expected, answer] = exchanges[count - 1] ?? ['nothing more', '6F00'];
    const wanted = expected.replaceAll(' ', '');
    if (hex(command) !== wanted) throw new Error(`Expected ${wanted}, got ${hex(command)}`);
    return fromHex(answer);
  }, atr);
}

export interface ObjectCard extends TestCard {
  /** By EFID and tag, `A010/DF22`: the whole answer to GET DATA without its status word. */
  readonly objects: Map<string, Uint8Array>;
}

/**
 * A GIDS card with data objects and short lengths, as GidsApplet behaves: 256 bytes at a time, then 61xx; 6A88 for a missing object.
 */
export function objectCard(objects: Map<string, Uint8Array>): ObjectCard {
  let pending: Uint8Array = new Uint8Array();
  let chained: number[] = [];
  const next = (): Uint8Array => {
    const part = pending.subarray(0, 256);
    pending = pending.subarray(256);
    const status = pending.length === 0 ? [0x90, 0] : [0x61, pending.length > 255 ? 0 : pending.length];
    return Uint8Array.from([...part, ...status]);
  };
  const card = testCard((command) => {
    const [cla = 0, ins = 0, p1 = 0, p2 = 0, lc = 0] = command;
    const data = command.subarray(5, 5 + lc);
    const place = hex(Uint8Array.of(p1, p2));
    switch (ins) {
      case 0xa4:
        return fromHex('61 12 4F 0B A0000003974254465902 01 73 03 40 01 C0 9000');
      case 0xc0:
        return next();
      case 0xcb: {
        const object = objects.get(`${place}/${hex(data.subarray(2))}`);
        if (object === undefined) return fromHex('6A88');
        pending = object;
        return next();
      }
      case 0xdb:
        chained.push(...data);
        if ((cla & 0x10) === 0) {
          const object = Uint8Array.from(chained);
          objects.set(`${place}/${hex(object.subarray(0, 2))}`, object);
          chained = [];
        }
        return fromHex('9000');
      default:
        return fromHex('6D00');
    }
  });
  return { ...card, objects };
}

/** A data object with a two-byte tag, built by hand: one length byte, or 82 and two. */
export function dataObject(tag: string, value: Uint8Array): Uint8Array {
  const length = value.length < 0x80 ? [value.length] : [0x82, value.length >> 8, value.length & 0xff];
  return Uint8Array.from([...fromHex(tag), ...length, ...value]);
}

/** A record of the master file, as OpenSC's gids_mf_record_t lays it out. */
export function masterFileRecord(directory: string, name: string, tag: number, efid: number): Uint8Array {
  const record = Buffer.alloc(28);
  record.write(directory, 0, 'latin1');
  record.write(name, 9, 'latin1');
  record.writeUInt32LE(tag, 20);
  record.writeUInt32LE(efid, 24);
  return record;
}
