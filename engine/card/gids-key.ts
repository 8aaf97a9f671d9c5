/** Public keys of a GIDS card's containers (Generic Identity Device Specification v2; template 7F49 of ISO/IEC 7816-8:2016, 5.4). */
import { CertPropError } from '../errors.js';
import type { CardPublicKey } from './application.js';
import type { Gids } from './gids-application.js';
import { getData, objectData, objectNotFound } from './gids-data.js';
import { statusWords } from './status-word.js';
import { publicKeyIn } from './public-key-template.js';
import { findValue, parseDataObjects } from './tlv.js';

/** Container 0 has key reference 81; references end at FF. */
const firstKeyReference = 0x81;
const lastContainerIndex = 0xff - firstKeyReference;
const applicationFile = 0x3fff;

const publicKeyTag = 0x7f49;

/** What cards answer for a reference without key, besides what they answer for a missing object. */
const noSuchKey: ReadonlySet<number> = new Set([
  statusWords.incorrectData,
  statusWords.referenceDataNotUsable,
]);

/**
 * The public key of a container; no PIN is needed.
 * @throws CertPropError CardObjectNotFound, MalformedCardData, CardCommandFailed
 */
export async function readPublicKey(
  gids: Pick<Gids, 'card'>,
  containerIndex: number,
): Promise<CardPublicKey> {
  const { card } = gids;
  const what = `public key in container ${String(containerIndex)}`;
  if (containerIndex < 0 || containerIndex > lastContainerIndex) throw objectNotFound(card, what);
  const request = [0x70, 8, 0x84, 1, firstKeyReference + containerIndex, 0xa5, 3, 0x7f, 0x49, 0x80];
  const answer = await getData(card, applicationFile, Uint8Array.from(request));
  if (noSuchKey.has(answer.statusWord)) throw objectNotFound(card, what, answer.statusWord);
  return parsePublicKey(objectData(card, answer, what), what);
}

function parsePublicKey(data: Uint8Array, what: string): CardPublicKey {
  const template = findValue(parseDataObjects(data), publicKeyTag);
  const key = template === null ? null : publicKeyIn(template);
  if (key !== null) return key;
  throw new CertPropError('MalformedCardData', `The card's answer holds no ${what}.`);
}
