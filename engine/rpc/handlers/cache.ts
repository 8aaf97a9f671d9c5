import { compareWithCache, readCacheableCard, type CacheableCard } from '../../propagation/card-cache.js';
import { visitCards } from '../../propagation/visit-cards.js';
import { cacheUnavailable } from '../../provider/card-cache.js';
import { visible } from '../../text.js';
import { chooseCards } from '../choose.js';
import type { Parameters, Results } from '../contract.js';
import { describeCacheItem } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

/** Streams one object for each item that Windows may have of the cards. The cache is asked when the cards are free again. */
export async function readCache(
  { readers, cardCache }: World,
  parameters: Parameters<'cache/read'>,
  context: RequestContext,
): Promise<Results['cache/read']> {
  if (cardCache === null) throw cacheUnavailable();
  const out = new EventQueue(context);
  const observer = out.observer(parameters.trace);
  const requests = chooseCards(await readers.list(), parameters.readers, null, new Set(), out);
  const cards = new Map<string, CacheableCard>();
  await visitCards(readers, requests, observer, context.signal, async (card) => {
    cards.set(card.readerName, await readCacheableCard(card));
  });
  let count = 0;
  for (const card of cards.values()) {
    for (const problem of card.problems) out.problem(problem, 'error');
    context.signal.throwIfAborted();
    observer.verbose(
      `Reader "${visible(card.readerName)}": asking Windows' cache for ${card.items.length} items of the card ${card.cardId}.`,
    );
    for (const item of await compareWithCache(cardCache, card)) {
      count++;
      out.send({ kind: 'cacheItem', item: describeCacheItem(item) });
    }
  }
  await out.sent();
  return { count };
}
