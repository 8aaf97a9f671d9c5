/** Looks through many sources: one after another, and several at a time once it turns out that the disk takes the time. */
import type { Emit, ProfileThread } from './profile-looking.js';
import type { StoreSource } from './store-sources.js';

export interface Looking {
  /** Looks through a source in this thread. */
  readonly here: (source: StoreSource) => Promise<void>;
  /** Null where there are none. */
  readonly startThreads: (() => readonly ProfileThread[]) | null;
  /** Whether from its call on nearly all of the time goes by on waiting. */
  readonly startMeter: () => () => boolean;
  readonly emit: Emit;
}

/** Tells of the sources in their order, whoever looks through them. */
export async function lookThroughAll(
  sources: AsyncIterator<StoreSource>,
  { here, startThreads, startMeter, emit }: Looking,
): Promise<void> {
  let isWaiting = startMeter();
  try {
    for (;;) {
      const next = await sources.next();
      if (next.done === true) return;
      const source = next.value;
      if (startThreads !== null && isForThreads(source) && isWaiting()) {
        await lookInThreads(source, sources, startThreads(), here, emit);
        return;
      }
      await here(source);
      // Its cards took their time too.
      if (source.seesReaders) isWaiting = startMeter();
    }
  } finally {
    await sources.return?.();
  }
}

async function lookInThreads(
  first: StoreSource,
  others: AsyncIterator<StoreSource>,
  threads: readonly ProfileThread[],
  here: Looking['here'],
  emit: Emit,
): Promise<void> {
  try {
    await lookAhead(first, others, threads, here, emit);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

/** The session's own profile needs its cards, which threads don't see. */
function isForThreads({ profile, seesReaders }: StoreSource): boolean {
  return profile !== null && !seesReaders;
}

interface UnderWay {
  readonly source: StoreSource;
  /** Null: it is looked through in this thread, in its turn. */
  readonly beside: { readonly thread: ProfileThread; readonly pieces: Pieces } | null;
}

type Pieces = ReturnType<ProfileThread['look']>;

async function lookAhead(
  first: StoreSource,
  others: AsyncIterator<StoreSource>,
  threads: readonly ProfileThread[],
  here: Looking['here'],
  emit: Emit,
): Promise<void> {
  const free = [...threads];
  const underWay: UnderWay[] = [{ source: first, beside: begin(first, free) }];
  for (;;) {
    while (underWay.length < threads.length) {
      const next = await others.next();
      if (next.done === true) break;
      underWay.push({ source: next.value, beside: begin(next.value, free) });
    }
    const next = underWay.shift();
    if (next === undefined) return;
    if (next.beside === null) await here(next.source);
    else {
      await tell(next.beside.pieces, emit);
      free.push(next.beside.thread);
    }
  }
}

function begin(source: StoreSource, free: ProfileThread[]): UnderWay['beside'] {
  const { profile } = source;
  const thread = profile !== null && isForThreads(source) ? free.pop() : undefined;
  return profile === null || thread === undefined ? null : { thread, pieces: thread.look(profile) };
}

async function tell(pieces: Pieces, emit: Emit): Promise<void> {
  for await (const events of pieces) for (const event of events) await emit(event);
}
