import { CertPropError } from '../../errors.js';
import type { CardsSeen } from '../../propagation/inventory.js';
import type { Parameters, Results } from '../contract.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import { lookThroughAll } from '../look-ahead.js';
import { lookThrough } from '../look-through.js';
import type { Emit } from '../profile-looking.js';
import { selectionOf } from '../selection.js';
import { seeCards } from '../session-cards.js';
import { storeSources } from '../store-sources.js';
import { startWaitMeter } from '../wait-meter.js';
import type { World } from '../world.js';

/** Streams what came from cards and is selected, or a summary of each place and profile. */
export async function listPropagated(
  world: World,
  parameters: Parameters<'inventory/list'>,
  context: RequestContext,
): Promise<Results['inventory/list']> {
  const { signal } = context;
  const { pkcs11Module, trace, storeNames, summary } = parameters;
  const out = new EventQueue(context);
  const reading = { pkcs11Module, trace, files: 'Certificates', keys: true } as const;
  const cardsIn = (readers: readonly string[] | null): Promise<CardsSeen> =>
    seeCards(world, readers, reading, out, signal);
  const sources = await storeSources(world, parameters, out, signal);
  const selection = await selectionOf(world, parameters, cardsIn);
  const ownCards = once(() => cardsIfAny(() => cardsIn(null), out));
  const wanted = { selection, storeNames, summary, now: world.now() };

  let count = 0;
  const emit: Emit = (event) => {
    out.send(event);
    if (event.kind !== 'warning') count++;
    return out.room();
  };
  const { startProfileThreads } = world;
  await lookThroughAll(sources, {
    here: (source) => lookThrough(source, wanted, source.seesReaders ? ownCards : noCards, emit, signal),
    startThreads: startProfileThreads && (() => startProfileThreads(wanted, signal)),
    startMeter: () => startWaitMeter(),
    emit,
  });
  await out.sent();
  return { count };
}

function noCards(): Promise<null> {
  return Promise.resolve(null);
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
