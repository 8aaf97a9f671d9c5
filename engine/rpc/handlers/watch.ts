import { CertPropError } from '../../errors.js';
import type { ReaderChange } from '../../pcsc/reader.js';
import type { PlannedStep } from '../../propagation/step.js';
import { fits } from '../../propagation/wildcard.js';
import type { StorePlace } from '../../store/place.js';
import { visible } from '../../text.js';
import { planCleanUp } from '../clean-up.js';
import type { Parameters, Results } from '../contract.js';
import { describeError } from '../describe.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import { withOneReader } from '../one-reader.js';
import { planCards } from '../propagation.js';
import type { World } from '../world.js';

/**
 * Propagates each card that is inserted and cleans up after each that is removed, until the time is up or the request is cancelled. It
 * begins with what an earlier run may have left undone. What goes wrong with one card is streamed, and the watch goes on.
 */
export async function watchCards(
  world: World,
  parameters: Parameters<'watch/run'>,
  { signal, stream }: RequestContext,
): Promise<Results['watch/run']> {
  const { milliseconds, whatIf, readers, storePlace, storeName } = parameters;
  await requireStore(world, storePlace, storeName);
  const timeUp = new AbortController();
  // Not AbortSignal.timeout: Node.js 20 may collect it as garbage while it is waited for.
  const timer = milliseconds === null ? null : setTimeout(() => timeUp.abort(), milliseconds);
  const end = AbortSignal.any([signal, timeUp.signal]);
  const out = new EventQueue({ signal: end, stream });
  const told = new Set<string>();
  let count = 0;

  const options = { ...parameters, keyContainer: null, sourcePaths: null };
  const everyCard = { readers: null, targets: null };
  try {
    await follow(planCleanUp(world, parameters, out, end));
    for await (const { kind, readerName } of world.readers.changes(end, onService)) {
      if (isMeant(readerName, readers)) await changed(kind, readerName);
    }
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
  await out.sent();
  signal.throwIfAborted();
  return { count };

  async function changed(kind: ReaderChange['kind'], readerName: string): Promise<void> {
    out.send({ kind: 'change', change: kind, readerName: visible(readerName) });
    await follow(
      kind === 'Inserted'
        ? planCards(withOneReader(world, readerName), everyCard, options, out, end, told)
        : planCleanUp(world, parameters, out, end),
    );
  }

  function onService(service: 'Lost' | 'Back'): void {
    out.send({ kind: 'verbose', message: serviceMessages[service] });
  }

  async function follow(steps: AsyncGenerator<PlannedStep>): Promise<void> {
    try {
      for await (const step of steps) await take(step);
    } catch (error) {
      if (end.aborted) return;
      if (!(error instanceof CertPropError)) throw error;
      out.problem(error, 'error');
    }
    await out.sent();
  }

  async function take({ preview, apply }: PlannedStep): Promise<void> {
    const { result, error, warning } = whatIf ? { result: preview, error: null } : await apply();
    out.send({ kind: 'result', index: count++, result });
    if (error !== null) out.send({ kind: 'error', error: describeError(error) });
    if (warning !== undefined && !told.has(warning.id)) out.problem(warning, 'warning');
    if (warning !== undefined) told.add(warning.id);
  }
}

/** A store that can't be is told at once, not with the first card. */
async function requireStore({ openStore }: World, place: StorePlace, storeName: string): Promise<void> {
  const store = await openStore(place, storeName);
  await store.find(noThumbprint);
}

const noThumbprint = '0'.repeat(40);

const serviceMessages: Readonly<Record<'Lost' | 'Back', string>> = {
  Lost: 'The smart card service is gone; waiting for it.',
  Back: 'The smart card service is back.',
};

function isMeant(readerName: ReaderChange['readerName'], patterns: readonly string[] | null): boolean {
  return patterns === null || patterns.some((pattern) => fits(pattern, visible(readerName)));
}
