/** Looks through many sources: one after another, and several at a time once it turns out that the disk takes the time. */
import type { Emit, ProfileThread } from './profile-looking.js';
import type { StoreSource } from './store-sources.js';

export interface Looking {
  /** Looks through a source in this thread. */
  readonly here: (source: StoreSource) => Promise<void>;
  /** Null where there are none. */
  readonly startThreads: (() => readonly ProfileThread[]) | null;
  /** Whether most of the time went by on waiting. */
  readonly isWaiting: () => boolean;
  readonly emit: Emit;
}

/** Tells of the sources in their order, whoever looks through them. */
export async function lookThroughAll(
  sources: AsyncIterator<StoreSource>,
  { here, startThreads, isWaiting, emit }: Looking,
): Promise<void> {
  try {
    for (;;) {
      const next = await sources.next();
      if (next.done === true) return;
      await here(next.value);
      if (startThreads !== null && isWaiting()) break;
    }
    const threads = startThreads();
    try {
      await lookAhead(sources, threads, here, emit);
    } finally {
      await Promise.all(threads.map((thread) => thread.end()));
    }
  } finally {
    await sources.return?.();
  }
}

interface UnderWay {
  readonly source: StoreSource;
  /** Null: it is looked through in this thread, in its turn. */
  readonly beside: { readonly thread: ProfileThread; readonly pieces: Pieces } | null;
}

type Pieces = ReturnType<ProfileThread['look']>;

async function lookAhead(
  sources: AsyncIterator<StoreSource>,
  threads: readonly ProfileThread[],
  here: Looking['here'],
  emit: Emit,
): Promise<void> {
  const free = [...threads];
  const underWay: UnderWay[] = [];
  for (;;) {
    while (underWay.length < threads.length) {
      const next = await sources.next();
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

/** The session's own profile needs its cards, which threads don't see. */
function begin({ profile, seesReaders }: StoreSource, free: ProfileThread[]): UnderWay['beside'] {
  if (profile === null || seesReaders) return null;
  const thread = free.pop();
  return thread === undefined ? null : { thread, pieces: thread.look(profile) };
}

async function tell(pieces: Pieces, emit: Emit): Promise<void> {
  for await (const events of pieces) for (const event of events) await emit(event);
}

/** Nothing is said of less (ms). */
const shortest = 500;

/**
 * From now on: whether this process's work took less than half of the time. The rest went by on waiting, for disks most of all.
 * @param clock milliseconds from any moment
 * @param worked milliseconds of processor time
 */
export function startWaitMeter(
  clock: () => number = () => performance.now(),
  worked: () => number = processorTime,
): () => boolean {
  const [start, before] = [clock(), worked()];
  return () => {
    const elapsed = clock() - start;
    return elapsed >= shortest && worked() - before < elapsed / 2;
  };
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
