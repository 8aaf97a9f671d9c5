/** Data objects of a GIDS card: GET DATA and PUT DATA (Generic Identity Device Specification v2; ISO/IEC 7816-4:2013, 11.4). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { expectOk, largestAnswer, sendCommand, type Answer } from './apdu.js';
import { statusWords } from './status-word.js';
import { encodeDataObject, readDataObject } from './tlv.js';

/** Where a data object is: an EFID stands for who may read and write, and tags repeat between them. */
export interface ObjectPlace {
  readonly efid: number;
  readonly tag: number;
}

const tagListTag = 0x5c;

/** Cards differ in how they say that an object is not there. */
const notFound: ReadonlySet<number> = new Set([statusWords.fileNotFound, statusWords.referencedDataNotFound]);

/**
 * The value of a data object.
 * @param what the object's name in messages
 * @throws CertPropError CardObjectNotFound, CardCommandFailed, MalformedCardData, and all that `transmit` throws
 */
export async function getObject(
  card: SmartCardConnection,
  place: ObjectPlace,
  what: string,
): Promise<Uint8Array> {
  const tag = tagBytes(place, what);
  const answer = await getData(card, place.efid, encodeDataObject(tagListTag, tag));
  return unwrap(objectData(card, answer, what), place.tag);
}

/** GET DATA with odd instruction byte; any status word is returned. */
export function getData(card: SmartCardConnection, efid: number, data: Uint8Array): Promise<Answer> {
  return sendCommand(card, { ...header(0xcb, efid), data, le: largestAnswer });
}

/** The data of an answer to `getData`, which fails like `getObject`. */
export function objectData(card: SmartCardConnection, answer: Answer, what: string): Uint8Array {
  if (notFound.has(answer.statusWord)) throw objectNotFound(card, what, answer.statusWord);
  return expectOk(card, answer, `give its ${what}`);
}

export function objectNotFound(card: SmartCardConnection, what: string, statusWord?: number): CertPropError {
  const readerName = visible(card.readerName);
  return new CertPropError(
    'CardObjectNotFound',
    `The card in the reader "${readerName}" has no ${what}.`,
    statusWord === undefined ? { readerName } : { readerName, statusWord },
  );
}

/**
 * Writes a data object.
 * @throws CertPropError CardCommandFailed, MalformedCardData, and all that `transmit` throws
 */
export async function putObject(
  card: SmartCardConnection,
  place: ObjectPlace,
  what: string,
  value: Uint8Array,
): Promise<void> {
  tagBytes(place, what);
  const data = encodeDataObject(place.tag, value);
  expectOk(card, await sendCommand(card, { ...header(0xdb, place.efid), data }), `take a new ${what}`);
}

function header(ins: number, efid: number): { cla: number; ins: number; p1: number; p2: number } {
  return { cla: 0, ins, p1: efid >> 8, p2: efid & 0xff };
}

/** The two bytes of a tag, which like the EFID comes from the card. */
function tagBytes({ efid, tag }: ObjectPlace, what: string): Uint8Array {
  if (efid > 0xffff || tag > 0xffff) {
    throw new CertPropError(
      'MalformedCardData',
      `The card's table of files gives no valid place for its ${what}.`,
    );
  }
  return Uint8Array.of(tag >> 8, tag & 0xff);
}

/** Cards answer with the whole data object, some with the bare value. */
function unwrap(data: Uint8Array, tag: number): Uint8Array {
  const isWrapped = data[0] === tag >> 8 && data[1] === (tag & 0xff);
  return isWrapped ? readDataObject(data, 0).object.value : data;
}
