import { CertPropError } from '../../errors.js';
import { listStore, type CardsSeen } from '../../propagation/inventory.js';
import type { Parameters, Results } from '../contract.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import { selectionOf } from '../selection.js';
import { seeCards } from '../session-cards.js';
import { storesIn, storeSources, type StoreSource } from '../store-sources.js';
import { summarize, type Listing } from '../summary.js';
import type { World } from '../world.js';

/** Streams what came from cards and is selected, or a summary of each place and profile. */
export async function listPropagated(
  world: World,
  parameters: Parameters<'inventory/list'>,
  context: RequestContext,
): Promise<Results['inventory/list']> {
  const { signal } = context;
  const { pkcs11Module, trace, storeNames } = parameters;
  const out = new EventQueue(context);
  const reading = { pkcs11Module, trace, files: 'Certificates', keys: true } as const;
  const cardsIn = (readers: readonly string[] | null): Promise<CardsSeen> =>
    seeCards(world, readers, reading, out, signal);
  const sources = await storeSources(world, parameters, out, signal);
  const selection = await selectionOf(world, parameters, cardsIn);
  const ownCards = once(() => cardsIfAny(() => cardsIn(null), out));
  const now = world.now();

  let count = 0;
  for await (const source of sources) {
    if (parameters.summary) await giveSummary(source);
    else await giveCertificates(source);
  }
  await out.sent();
  return { count };

  async function giveCertificates(source: StoreSource): Promise<void> {
    for await (const found of storesIn(source, storeNames)) {
      for await (const certificate of listing(source)(found, out.warnAndWait)) {
        out.send({ kind: 'propagated', certificate });
        await out.room();
        count++;
      }
    }
  }

  async function giveSummary(source: StoreSource): Promise<void> {
    const summary = await summarize(source, storeNames, listing(source), out.warnAndWait);
    out.send({ kind: 'summary', summary });
    await out.room();
    count++;
  }

  function listing({ seesReaders }: StoreSource): Listing {
    const cards = seesReaders ? ownCards : () => Promise.resolve(null);
    return (found, unreadable) => listStore(found, { selection, cards, now }, unreadable, signal);
  }
}

/** Without a smart card service the stores can be looked through all the same. */
async function cardsIfAny(cards: () => Promise<CardsSeen>, out: EventQueue): Promise<CardsSeen> {
  try {
    return await cards();
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    out.problem(error, 'warning');
    return { certificates: new Map(), complete: false };
  }
}

/** Asks when it is first needed, and never again. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | null = null;
  return () => (answer ??= ask());
}
