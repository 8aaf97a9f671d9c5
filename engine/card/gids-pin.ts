/** The user PIN of a GIDS card: VERIFY with reference 80 (Generic Identity Device Specification v2; ISO/IEC 7816-4:2013, 11.5.6). */
import { CertPropError, type ErrorDetails } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { sendCommand } from './apdu.js';
import { getData } from './gids-data.js';
import { commandFailed, statusWords, triesLeftIn } from './status-word.js';
import { findValue, parseDataObjects } from './tlv.js';

interface GidsCard {
  readonly card: SmartCardConnection;
  readonly cardId: string;
}

const verify = { cla: 0x00, ins: 0x20, p1: 0x00, p2: 0x80 } as const;
const longestPin = 127;

/** The PIN's state: 7F71 with 97 (in version 1 of GIDS 9F17), the tries left. It belongs to the application itself, file 3FFF. */
const applicationFile = 0x3fff;
const pinStateTag = 0x7f71;
const triesLeftTags = [0x97, 0x9f17] as const;

const blocked: ReadonlySet<number> = new Set([
  statusWords.authenticationMethodBlocked,
  statusWords.referenceDataNotUsable,
]);

const wrongForm: ReadonlySet<number> = new Set([statusWords.incorrectData, statusWords.wrongLength]);

/** How many wrong PINs the card still takes before it blocks, null if it doesn't say. */
export async function pinTriesLeft({ card }: GidsCard): Promise<number | null> {
  const { statusWord } = await sendCommand(card, verify);
  if (blocked.has(statusWord)) return 0;
  return triesLeftIn(statusWord) ?? (await triesLeftInState(card));
}

/** What a card that already knows the PIN (9000) tells no other way. */
async function triesLeftInState(card: SmartCardConnection): Promise<number | null> {
  const { data, statusWord } = await getData(
    card,
    applicationFile,
    Uint8Array.of(0x5c, 2, pinStateTag >> 8, pinStateTag & 0xff),
  );
  if (statusWord !== statusWords.ok) return null;
  const state = parseDataObjects(findValue(parseDataObjects(data), pinStateTag) ?? new Uint8Array());
  const counters = triesLeftTags.map((tag) => findValue(state, tag));
  return counters.find((counter) => counter?.length === 1)?.[0] ?? null;
}

/**
 * Presents the PIN, once. The card will be reset when the work ends.
 * @param pin 1 to 127 bytes as the card takes them; the caller wipes them
 * @throws CertPropError WrongPin, PinBlocked (both with triesLeft where the card tells), PinInvalid, CardCommandFailed
 */
export async function verifyPin({ card, cardId }: GidsCard, pin: Uint8Array): Promise<void> {
  const readerName = visible(card.readerName);
  const details = { readerName, cardId };
  if (pin.length === 0 || pin.length > longestPin) throw pinInvalid(details);
  card.resetAtEnd();
  const { statusWord } = await sendCommand(card, { ...verify, data: pin }, { secret: true });
  if (statusWord === statusWords.ok) return;
  const triesLeft = triesLeftIn(statusWord);
  if (triesLeft === 0 || blocked.has(statusWord)) throw pinBlocked({ ...details, statusWord, triesLeft: 0 });
  if (triesLeft !== null) throw wrongPin({ ...details, statusWord, triesLeft });
  if (statusWord === 0x6300) throw wrongPin({ ...details, statusWord });
  if (wrongForm.has(statusWord)) throw pinInvalid({ ...details, statusWord });
  throw commandFailed(card.readerName, statusWord, 'check the PIN', { cardId });
}

interface PinDetails extends ErrorDetails {
  readonly readerName: string;
}

function wrongPin(details: PinDetails): CertPropError {
  const { triesLeft } = details;
  const left = triesLeft === 1 ? 'one try is left' : `${String(triesLeft)} tries are left`;
  return new CertPropError(
    'WrongPin',
    `The PIN is not the one of the card in the reader "${details.readerName}"; ${triesLeft === undefined ? 'the card does not say how many tries are left' : left}.`,
    details,
  );
}

export function pinBlocked(details: PinDetails): CertPropError {
  return new CertPropError(
    'PinBlocked',
    `The PIN of the card in the reader "${details.readerName}" is blocked after too many wrong tries. Have it unblocked by whoever issued the card.`,
    details,
  );
}

function pinInvalid(details: PinDetails): CertPropError {
  return new CertPropError(
    'PinInvalid',
    `The card in the reader "${details.readerName}" takes no PIN of this form; check its length and characters. No try was used up.`,
    details,
  );
}
