/**
 * When the engine ends, and how. It ends with its input, its output, its parent, SIGTERM or SIGHUP, a defect, or when idle; not
 * with SIGINT or Ctrl+Break, which a shell sends to all its processes. A card write that has begun is finished first.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { openProcess } from '../native/process-end.js';
import { standardError } from './stdio.js';

/** Milliseconds for the running requests to answer to their cancellation. */
const answerGrace = 500;
/** Milliseconds for card writes already begun. */
const writeGrace = 10_000;
/** Milliseconds between two looks for the parent process: with both graces the engine outlives it by less than 15 s. */
const parentInterval = 4_000;
/** Milliseconds from the start until the parent's end is waited for as an event: the first answer doesn't wait for native code. */
const nativeDelay = 1_000;

/** The exit code after a defect. */
const defectExitCode = 1;

export interface LifetimeOptions {
  /** The process to end with, or null. */
  readonly parent: number | null;
  /** Milliseconds without a request after which the engine ends, or null. */
  readonly idle: number | null;
  /** Resolves when no card write is under way. */
  readonly settled: () => Promise<void>;
  /** Ends the process even while a native call blocks a thread. */
  readonly exitNow: (exitCode: number) => void;
}

export interface Lifetime {
  /** Aborted when the engine ends. */
  readonly signal: AbortSignal;
  /** The engine is not idle during this work, and its end waits a moment for it. */
  during(work: Promise<void>): Promise<void>;
  /** Cancels all requests, waits for card writes, and ends the process. Only the first call counts. */
  end(exitCode: number): Promise<void>;
}

export function startLifetime({ parent, idle, settled, exitNow }: LifetimeOptions): Lifetime {
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  const idleClock = startIdleClock(idle, () => void end(0));

  async function end(exitCode: number): Promise<void> {
    if (ending.signal.aborted) return;
    ending.abort();
    try {
      await atMost(answerGrace, Promise.allSettled(running));
      await atMost(writeGrace, settled());
    } finally {
      exitNow(exitCode);
    }
  }

  async function during(work: Promise<void>): Promise<void> {
    running.add(work);
    idleClock.stop();
    try {
      await work;
    } finally {
      running.delete(work);
      if (running.size === 0) idleClock.restart();
    }
  }

  const endWithDefect = (error: unknown): void => {
    if (ending.signal.aborted) return;
    standardError().write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    void end(defectExitCode);
  };

  process.on('uncaughtException', endWithDefect);
  for (const signal of ['SIGINT', 'SIGBREAK'] as const) process.on(signal, () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
  if (parent !== null) followParent(parent, () => void end(0));
  return { signal: ending.signal, during, end };
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

function startIdleClock(idle: number | null, onIdle: () => void): { stop(): void; restart(): void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
  };
  const restart = (): void => {
    stop();
    if (idle !== null) timer = setTimeout(onIdle, idle).unref();
  };
  restart();
  return { stop, restart };
}

/**
 * A parent that died may still be seen as a zombie, or its id be given to another process: POSIX then shows another parent. Once the
 * parent is held fast as an opened process, neither can mislead, and nothing is looked for any more.
 */
function followParent(parent: number, onGone: () => void): void {
  const isChild = process.ppid === parent;
  const look = (): void => {
    if (!exists(parent) || (isChild && process.ppid !== parent)) onGone();
  };
  look();
  const looking = setInterval(look, parentInterval).unref();
  setTimeout(() => void waitForEnd(), nativeDelay).unref();

  async function waitForEnd(): Promise<void> {
    const opened = await openProcess(parent).catch(() => null);
    if (opened === null) return;
    clearInterval(looking);
    // It may have been another process of that id that was opened.
    look();
    while (!(await opened.ended())) await delay(parentInterval);
    onGone();
  }
}

function exists(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
