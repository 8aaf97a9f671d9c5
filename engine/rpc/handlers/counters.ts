import { dropStaleItems } from '../../propagation/card-cache.js';
import { readCardCounters, writeCardCounters, type CardCacheCounter } from '../../propagation/counters.js';
import { readerNamed } from '../../propagation/readers.js';
import { visitCard, visitCards } from '../../propagation/visit-cards.js';
import { chooseCards } from '../choose.js';
import type { Parameters, Results } from '../contract.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import type { World } from '../world.js';

export async function readCounters(
  { readers }: World,
  parameters: Parameters<'counter/read'>,
  context: RequestContext,
): Promise<Results['counter/read']> {
  const out = new EventQueue(context);
  const requests = chooseCards(await readers.list(), parameters.readers, null, new Set(), out);
  const counters = new Map<string, CardCacheCounter>();
  await visitCards(readers, requests, out.observer(parameters.trace), context.signal, async (card) => {
    counters.set(card.readerName, await readCardCounters(card));
  });
  await out.sent();
  return { counters: [...counters.values()] };
}

/** Windows' stale copies are dropped once the card is free again. */
export async function writeCounters(
  { readers, cardCache }: World,
  parameters: Parameters<'counter/write'>,
  context: RequestContext,
): Promise<Results['counter/write']> {
  const pin = Uint8Array.from(parameters.pin);
  parameters.pin.fill(0);
  try {
    const { readerName, cardId, trace } = parameters;
    const reader = readerNamed(await readers.list(), readerName);
    const observer = new EventQueue(context).observer(trace);
    const changed = await visitCard(readers, reader, observer, context.signal, (card) =>
      writeCardCounters(card, cardId, parameters, pin),
    );
    if (cardCache !== null) await dropStaleItems(cardCache, cardId, changed, observer.verbose);
    return changed.counter;
  } finally {
    pin.fill(0);
  }
}
