import { selectGids, type Gids } from '../card/gids.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { hex, visible } from '../text.js';

/**
 * Opens the card's application.
 * @param expectedCardId the card that has to be there, null for any
 * @throws CertPropError UnknownCard, CardChanged
 */
export async function openCard(
  connection: SmartCardConnection,
  expectedCardId: string | null,
): Promise<Gids> {
  const readerName = visible(connection.readerName);
  const atr = hex(connection.atr);
  const gids = await selectGids(connection);
  if (gids === null) {
    throw new CertPropError(
      'UnknownCard',
      `The card in the reader "${readerName}" (ATR ${atr}) is of no kind that CertProp knows; it reads GIDS cards.`,
      { readerName, atr },
    );
  }
  if (expectedCardId !== null && expectedCardId !== gids.cardId) {
    throw new CertPropError(
      'CardChanged',
      `Another card is in the reader "${readerName}": card ${visible(expectedCardId)} was expected, card ${gids.cardId} is there. Insert the first one, or list the certificates again.`,
      { readerName, cardId: gids.cardId },
    );
  }
  return gids;
}
