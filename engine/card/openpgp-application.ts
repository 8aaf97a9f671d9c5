/** The OpenPGP application on a card: how it is selected, and what it says of itself (OpenPGP card specification 3.4.1, 7.2.1 and 7.2.6). */
import type { SmartCardConnection } from '../pcsc/reader.js';
import { announceExtendedLength, expectOk, largestAnswer, sendCommand, type Answer } from './apdu.js';
import { atrAnnouncesExtendedLength } from './capabilities.js';
import {
  applicationId,
  parseApplicationData,
  parseKeyInformation,
  type ApplicationData,
  type KeyNumber,
} from './openpgp-application-data.js';
import { publicKeyReader, type ReadPublicKey } from './openpgp-key.js';
import { statusWords } from './status-word.js';

/** A card whose OpenPGP application is selected. It is good for one transaction. */
export interface Openpgp {
  readonly card: SmartCardConnection;
  readonly data: ApplicationData;
  readonly publicKey: ReadPublicKey;
}

/** The keys that a card lists. */
export interface KeyList {
  readonly present: ReadonlySet<KeyNumber>;
  /** Whether a key that is not listed is not there. */
  readonly complete: boolean;
}

const applicationRelatedData = 0x006e;
const keyInformation = 0x00de;
/** Key information came with version 3.4. */
const firstVersionWithKeyInformation = 0x0304;
const keyCount = 3;

/** What cards answer that take any SELECT for their own: every OpenPGP card has a description. */
const noDescription: ReadonlySet<number> = new Set([
  statusWords.commandNotAllowed,
  statusWords.functionNotSupported,
  statusWords.fileNotFound,
  statusWords.incorrectParameters,
  statusWords.referencedDataNotFound,
  statusWords.wrongParameters,
  statusWords.instructionNotSupported,
  statusWords.classNotSupported,
]);

/**
 * Selects the OpenPGP application and reads its description.
 * @returns null if the card has no such application, or one that was put out of service
 * @throws CertPropError CardCommandFailed, MalformedCardData, and all that `transmit` throws
 */
export async function selectOpenpgp(card: SmartCardConnection): Promise<Openpgp | null> {
  const selection = await sendCommand(card, { cla: 0, ins: 0xa4, p1: 0x04, p2: 0x00, data: applicationId });
  if (selection.statusWord !== statusWords.ok) return null;
  const answer = await getData(card, applicationRelatedData);
  if (noDescription.has(answer.statusWord)) return null;
  const data = parseApplicationData(expectOk(card, answer, 'give its OpenPGP description'));
  if (announcesExtendedLength(data.historicalBytes)) announceExtendedLength(card);
  return { card, data, publicKey: publicKeyReader(card) };
}

/** GET DATA with even instruction byte; any status word is returned. */
export function getData(card: SmartCardConnection, tag: number): Promise<Answer> {
  return sendCommand(card, { cla: 0, ins: 0xca, p1: tag >> 8, p2: tag & 0xff, le: largestAnswer });
}

/**
 * The card's keys: by its key information, else by their fingerprints.
 * @throws CertPropError MalformedCardData, and all that `transmit` throws
 */
export async function listKeys({ card, data }: Openpgp): Promise<KeyList> {
  const { keys, fingerprinted } = data;
  if (keys !== null) return { present: keys, complete: true };
  if (data.version >= firstVersionWithKeyInformation && fingerprinted.size < keyCount) {
    const answer = await getData(card, keyInformation);
    if (answer.statusWord === statusWords.ok && answer.data.length > 0)
      return { present: parseKeyInformation(answer.data), complete: true };
  }
  return { present: fingerprinted, complete: false };
}

/** The application's historical bytes can say more than those of the answer to reset, whose form they have. */
function announcesExtendedLength(historicalBytes: Uint8Array): boolean {
  const bytes = historicalBytes.subarray(0, 0x0f);
  return atrAnnouncesExtendedLength(Uint8Array.of(0x3b, bytes.length, ...bytes));
}
