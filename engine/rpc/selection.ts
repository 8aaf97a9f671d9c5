import type { CardsSeen } from '../propagation/inventory.js';
import { normalSerialNumber, type Selection } from '../propagation/selection.js';
import type { Parameters } from './contract.js';
import { readersNotReadable } from './unknown-cards.js';
import type { World } from './world.js';

type Selectors = Omit<
  Parameters<'inventory/list'>,
  'progressToken' | 'trace' | 'storePlace' | 'storeNames' | 'summary'
>;

/**
 * What a request's parameters select. For certificates that are on no card, every single card has to be known.
 * @param cardsIn what is on the cards in these readers, null for all; asked only if the selection needs it
 * @throws CertPropError ReadersNotReadable
 */
export async function selectionOf(
  { now }: Pick<World, 'now'>,
  selectors: Selectors,
  cardsIn: (readers: readonly string[] | null) => Promise<CardsSeen>,
): Promise<Selection> {
  const { thumbprints, subjects, issuers, serialNumbers, cardIds, readers, olderThan } = selectors;
  return {
    ...{ subjects, issuers, cardIds, evidence: selectors.evidence, foreignUser: selectors.foreignUser },
    thumbprints: thumbprints === null ? null : new Set(thumbprints),
    serialNumbers: serialNumbers === null ? null : new Set(serialNumbers.map(normalSerialNumber)),
    onCard: readers === null ? null : thumbprintsOf(await cardsIn(readers)),
    notOnCard: selectors.notOnCard ? allThumbprintsOf(await cardsIn(null)) : null,
    expiredAt: selectors.expired ? now() : null,
    markedBefore: olderThan === null ? null : now() - olderThan,
  };
}

function thumbprintsOf({ certificates }: CardsSeen): ReadonlySet<string> {
  return new Set(certificates.keys());
}

function allThumbprintsOf(cards: CardsSeen): ReadonlySet<string> {
  if (!cards.complete) throw readersNotReadable();
  return thumbprintsOf(cards);
}
