/** A card for tests made of files, as read from cards of other makers (tests/fixtures/pkcs15) or made up; it behaves as it is told. */
import { readFileSync } from 'node:fs';
import { encodeDataObject } from '../../engine/card/tlv.js';
import { hex } from '../../engine/text.js';
import { fromHex, plainAtr, testCard, type TestCard } from './scripted-card.js';

export interface ImageFile {
  /** Identifiers below 3F00, in hex. */
  readonly path: string;
  /** The answer to SELECT, in hex. */
  readonly control: string;
  /** In hex; null for a directory of files. */
  readonly content: string | null;
  readonly size?: number;
  readonly fill?: string;
}

export interface Image {
  /** The application's name, in hex. */
  readonly selectName: string;
  readonly files: readonly ImageFile[];
}

export interface Behavior {
  /** The file that is current after the application was selected by name. */
  readonly start: string;
  /** Whether nothing can be selected before the application. */
  readonly hidden?: boolean;
  /** The status word for SELECT by path, for a card that doesn't take it. */
  readonly refusesPaths?: number;
  /** Only P2 = 0C is taken. */
  readonly refusesControlInformation?: boolean;
  /** READ BINARY with a larger offset wants the odd instruction. */
  readonly takesFarOffsets?: boolean;
  readonly atr?: Uint8Array;
}

export function loadImage(name: 'isoapplet' | 'isoapplet-direct' | 'myeid'): Image {
  return JSON.parse(readFileSync(`tests/fixtures/pkcs15/${name}.json`, 'utf8')) as Image;
}

/** A file's bytes with its fill. */
export function fileContent(image: Image, path: string): Buffer {
  const file = image.files.find((candidate) => candidate.path === path);
  const content = Buffer.from(file?.content ?? '', 'hex');
  const size = file?.size ?? content.length;
  return Buffer.concat([
    content,
    Buffer.alloc(size - content.length, Number.parseInt(file?.fill ?? '00', 16)),
  ]);
}

export function imageCard(image: Image, behavior: Behavior): TestCard {
  const contents = new Map(image.files.map(({ path }) => [path, fileContent(image, path)]));
  let directory: string | null = behavior.hidden === true ? null : '';
  let file: string | null = null;

  function select(p1: number, data: string): string {
    if (p1 === 0x04) {
      if (data !== image.selectName) return '6A82';
      [directory, file] = [behavior.start, null];
      return '9000';
    }
    if (directory === null) return '6986';
    if (p1 === 0x08 && behavior.refusesPaths !== undefined) return hexStatus(behavior.refusesPaths);
    if (p1 === 0x00 && data === '3F00') {
      [directory, file] = ['', null];
      return '9000';
    }
    const path = p1 === 0x08 ? data : directory + data;
    const target = image.files.find((candidate) => candidate.path === path);
    if (target === undefined) return '6A82';
    if (target.content === null) [directory, file] = [path, null];
    else [directory, file] = [path.slice(0, -4), path];
    return `${target.control}9000`;
  }

  function read(offset: number, le: number): Buffer | null {
    const content = file === null ? undefined : contents.get(file);
    return content === undefined || offset >= content.length ? null : content.subarray(offset, offset + le);
  }

  return testCard((command) => {
    const [, ins, p1 = 0, p2 = 0, length = 0] = command;
    const data = hex(command.subarray(5, 5 + length));
    if (ins === 0xa4) {
      if (behavior.refusesControlInformation === true && p2 !== 0x0c) return fromHex('6A86');
      const answer = select(p1, data);
      return fromHex(p2 === 0x0c ? answer.slice(-4) : answer);
    }
    if (ins === 0xb0) {
      const part = read((p1 << 8) | p2, length || 256);
      return part === null ? fromHex('6B00') : Buffer.concat([part, fromHex('9000')]);
    }
    if (ins === 0xb1 && behavior.takesFarOffsets === true) {
      const part = read(Number.parseInt(data.slice(4), 16), 128);
      return part === null ? fromHex('6B00') : Buffer.concat([encodeDataObject(0x53, part), fromHex('9000')]);
    }
    return fromHex('6D00');
  }, behavior.atr ?? plainAtr);
}

function hexStatus(statusWord: number): string {
  return statusWord.toString(16).padStart(4, '0').toUpperCase();
}
