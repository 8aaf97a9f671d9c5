/** Data objects of a PIV card: GET DATA and PUT DATA (NIST SP 800-73-4, part 2, 3.1.2 and 3.3.1). */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { encodeCommand, expectOk, largestAnswer, sendCommand, type Answer, type Command } from './apdu.js';
import { speaksOnlyT0 } from './capabilities.js';
import { commandFailed, statusWords } from './status-word.js';
import { encodeDataObject, findValue, parseDataObjects } from './tlv.js';
import { writing } from './write-error.js';

/** The objects of a card whose PIV application is selected. It is good for one transaction. */
export interface PivObjects {
  readonly card: SmartCardConnection;

  /**
   * What template 53 holds; null where the card has no such object, or an empty one. The card is asked the first time only.
   * @throws CertPropError CardCommandFailed, MalformedCardData, and all that `transmit` throws
   */
  get(tag: number): Promise<Uint8Array | null>;

  /**
   * The answer with an object, template 53 and all, of which up to 256 bytes are certain: one APDU even where the object is long. A card
   * forgets what is left of an answer at the next command (ISO/IEC 7816-4:2013, 5.3.4). Null as for `get`.
   * @throws CertPropError CardCommandFailed, and all that `transmit` throws
   */
  getBeginning(tag: number): Promise<Uint8Array | null>;
}

const tagListTag = 0x5c;
const dataTag = 0x53;
const shortAnswer = 256;

/** Cards differ in how they say that an object is not there. */
const absent: ReadonlySet<number> = new Set([statusWords.fileNotFound, statusWords.referencedDataNotFound]);

export function pivObjects(card: SmartCardConnection): PivObjects {
  const asked = new Map<number, Promise<Uint8Array | null>>();
  return {
    card,
    get(tag) {
      const object = asked.get(tag) ?? getObject(card, tag);
      asked.set(tag, object);
      return object;
    },
    getBeginning: (tag) => getBeginning(card, tag),
  };
}

/** As the specification writes tags: `5FC105`. */
export function tagName(tag: number): string {
  return tag.toString(16).toUpperCase();
}

async function getObject(card: SmartCardConnection, tag: number): Promise<Uint8Array | null> {
  const answer = await sendCommand(card, getData(tag, largestAnswer));
  if (isAbsent(card, tag, answer)) return null;
  const content = findValue(parseDataObjects(answer.data), dataTag);
  if (content === null) throw malformed(tag);
  return content.length === 0 ? null : content;
}

async function getBeginning(card: SmartCardConnection, tag: number): Promise<Uint8Array | null> {
  const answer = await firstPart(card, getData(tag, shortAnswer));
  return isAbsent(card, tag, answer) ? null : answer.data;
}

/** With T=0 the first answer is empty: then the whole object is fetched after all. */
async function firstPart(card: SmartCardConnection, command: Command): Promise<Answer> {
  if (speaksOnlyT0(card.atr)) return sendCommand(card, command);
  const response = await card.transmit(encodeCommand(command, 'short'));
  const end = Math.max(response.length - 2, 0);
  const statusWord = ((response[end] ?? 0) << 8) | (response[end + 1] ?? 0);
  const isPart = statusWord >> 8 === 0x61;
  if (end === 0 && (isPart || statusWord >> 8 === 0x6c)) return sendCommand(card, command);
  return { data: response.subarray(0, end), statusWord: isPart ? statusWords.ok : statusWord };
}

/**
 * Writes an object; the management key must have authenticated. Without content the card deletes it (Yubico PIV commands, PUT DATA).
 * @param content what template 53 is to hold
 * @throws CertPropError CardFull, CardCommandFailed, and all that `transmit` throws
 */
export async function putPivObject(
  card: SmartCardConnection,
  tag: number,
  content: Uint8Array,
): Promise<void> {
  const what = `object ${tagName(tag)}`;
  const data = Buffer.concat([tagList(tag), encodeDataObject(dataTag, content)]);
  const command = { cla: 0x00, ins: 0xdb, p1: 0x3f, p2: 0xff, data };
  await writing(card, what, content.length, async () =>
    expectOk(card, await sendCommand(card, command), `take a new ${what}`),
  );
}

function tagList(tag: number): Uint8Array {
  return encodeDataObject(tagListTag, Uint8Array.of(tag >> 16, (tag >> 8) & 0xff, tag & 0xff));
}

function getData(tag: number, le: number): Command {
  const data = tagList(tag);
  return { cla: 0x00, ins: 0xcb, p1: 0x3f, p2: 0xff, data, le };
}

function isAbsent(card: SmartCardConnection, tag: number, { data, statusWord }: Answer): boolean {
  if (absent.has(statusWord)) return true;
  if (statusWord !== statusWords.ok)
    throw commandFailed(card.readerName, statusWord, `give its object ${tagName(tag)}`);
  return data.length === 0;
}

function malformed(tag: number): CertPropError {
  return new CertPropError(
    'MalformedCardData',
    `The card's answer for object ${tagName(tag)} can't be understood: it is not in a template 53.`,
  );
}
