/** Reading the transparent files of a PKCS #15 card: SELECT, then READ BINARY (ISO/IEC 7816-4:2013, 11.2.3) as far as is needed. */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { sendCommand } from './apdu.js';
import { endOfFirstObject } from './pkcs15-asn1.js';
import type { FilePath, Place } from './pkcs15-path.js';
import { fileSelector, type Home } from './pkcs15-select.js';
import { commandFailed, statusWords } from './status-word.js';
import { encodeDataObject, readDataObject } from './tlv.js';

/** How many of a file's bytes are needed, judged by its beginning; more than are there when more must be read. */
export type Needed = (beginning: Uint8Array) => number;

export interface CardFiles {
  /**
   * A file's beginning, as much as is needed, or less if the file ends before.
   * @throws CertPropError CardObjectNotFound, CardCommandFailed, MalformedCardData, and all that `transmit` throws
   */
  readFile(path: FilePath, needed: Needed): Promise<Uint8Array>;
  /**
   * The bytes at a place; without a length the object that begins the file. A place is read the first time only.
   * @throws CertPropError CardObjectNotFound, CardCommandFailed, MalformedCardData, and all that `transmit` throws
   */
  readPlace(place: Place): Promise<Uint8Array>;
}

/** In one transaction: more than any card needs, so that one which names files without end, or gives them byte by byte, ends here. */
const mostCommands = 4096;
const mostBytes = 0x100000;
const largestFile = 0xffff;
/** The last offset that fits P1 and P2. */
const lastShortOffset = 0x7fff;
const offsetTag = 0x54;
const endReached = 0x6282;

const notFound: ReadonlySet<number> = new Set([statusWords.fileNotFound, statusWords.referencedDataNotFound]);

/** Nothing is left at this offset. */
const pastTheEnd: ReadonlySet<number> = new Set([
  statusWords.wrongParameters,
  statusWords.incorrectParameters,
]);

export function cardFiles(card: SmartCardConnection, home: Home): CardFiles {
  const selector = fileSelector(card, home);
  const places = new Map<string, Promise<Uint8Array>>();
  let commands = 0;
  let bytesRead = 0;

  function spend(): void {
    if (++commands > mostCommands || bytesRead > mostBytes) throw tooMuch(card);
  }

  /** Bytes `offset` to `end` of the current file, or as many as are needed. */
  async function readRange(path: FilePath, offset: number, end: number, needed: Needed): Promise<Uint8Array> {
    let bytes: Uint8Array = new Uint8Array();
    while (offset + bytes.length < end && needed(bytes) > bytes.length) {
      spend();
      const part = await readBinary(card, path, offset + bytes.length, end);
      if (part.length === 0) break;
      bytesRead += part.length;
      bytes = bytes.length === 0 ? part : Buffer.concat([bytes, part]);
    }
    return bytes;
  }

  async function select(path: FilePath): Promise<number> {
    spend();
    const selection = await selector.select(path);
    if (selection.selected) return Math.min(selection.size ?? largestFile, largestFile);
    if (!notFound.has(selection.statusWord)) {
      throw commandFailed(card.readerName, selection.statusWord, `select its file ${path}`);
    }
    const readerName = visible(card.readerName);
    throw new CertPropError(
      'CardObjectNotFound',
      `The card in the reader "${readerName}" has no file ${path}.`,
      { readerName, statusWord: selection.statusWord },
    );
  }

  async function readNewPlace({ path, offset, length }: Place): Promise<Uint8Array> {
    const size = await select(path);
    if (length === null) return readRange(path, 0, size, endOfFirstObject);
    const bytes = await readRange(path, offset, Math.min(offset + length, size), () => length);
    if (bytes.length < length) throw malformed(card, `its file ${path} ends before the object in it does`);
    return bytes.subarray(0, length);
  }

  return {
    async readFile(path, needed) {
      const size = await select(path);
      return readRange(path, 0, size, needed);
    },
    readPlace(place) {
      const key = JSON.stringify(place);
      const reading = places.get(key) ?? readNewPlace(place);
      places.set(key, reading);
      return reading;
    },
  };
}

/** At most the bytes up to `end`; none past the file's end. */
async function readBinary(
  card: SmartCardConnection,
  path: FilePath,
  offset: number,
  end: number,
): Promise<Uint8Array> {
  const isFar = offset > lastShortOffset;
  const command = isFar
    ? {
        ins: 0xb1,
        p1: 0,
        p2: 0,
        data: encodeDataObject(offsetTag, Uint8Array.of(offset >> 8, offset & 0xff)),
      }
    : { ins: 0xb0, p1: offset >> 8, p2: offset & 0xff };
  const answer = await sendCommand(card, { cla: 0x00, ...command, le: end - offset });
  if (pastTheEnd.has(answer.statusWord)) return new Uint8Array();
  if (answer.statusWord !== statusWords.ok && answer.statusWord !== endReached) {
    throw commandFailed(card.readerName, answer.statusWord, `give its file ${path}`);
  }
  if (!isFar || answer.data.length === 0) return answer.data;
  // The odd instruction gives a discretionary data object, 53 or 73.
  return readDataObject(answer.data, 0).object.value;
}

function tooMuch(card: SmartCardConnection): CertPropError {
  return malformed(card, 'there is no end to its files');
}

function malformed(card: SmartCardConnection, problem: string): CertPropError {
  const readerName = visible(card.readerName);
  return new CertPropError(
    'MalformedCardData',
    `The card in the reader "${readerName}" can't be read: ${problem}.`,
    { readerName },
  );
}
