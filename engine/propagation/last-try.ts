import { pinBlocked, pinTriesLeft, type Gids } from '../card/gids.js';
import { CertPropError } from '../errors.js';
import { visible } from '../text.js';

/**
 * Presents no PIN when one that is wrong would block the card.
 * @param remedy what to do then
 * @throws CertPropError PinLastTry, PinBlocked
 */
export async function refuseLastTry(gids: Gids, remedy: string): Promise<void> {
  const triesLeft = await pinTriesLeft(gids);
  if (triesLeft === null || triesLeft > 1) return;
  const details = { readerName: visible(gids.card.readerName), cardId: gids.cardId, triesLeft };
  if (triesLeft === 0) throw pinBlocked(details);
  throw new CertPropError(
    'PinLastTry',
    `The PIN of the card in the reader "${details.readerName}" has one try left; a wrong one blocks the card. ${remedy}`,
    details,
  );
}
