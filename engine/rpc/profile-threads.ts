/** Profiles are looked through in threads where the disk takes the time: while one waits for it, others do too. */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CertPropError } from '../errors.js';
import type { StreamEvent } from './contract.js';
import type { ProfileThread, Wanted } from './profile-looking.js';
import type { ThreadAnswer, ThreadRequest } from './profile-thread.js';

/** As many as wait at a time; each takes about 23 MiB. */
const threadCount = 3;

/**
 * @param script the engine's own, which each thread runs too
 * @param signal aborted: whoever waits for an answer waits no longer
 */
export function startProfileThreads(
  script: string,
  wanted: Wanted,
  signal: AbortSignal,
): readonly ProfileThread[] {
  return Array.from({ length: threadCount }, () => startThread(script, wanted, signal));
}

function startThread(script: string, wanted: Wanted, signal: AbortSignal): ProfileThread {
  // Descriptors are opened by system calls of which Node.js knows nothing.
  const worker = new Worker(script, { workerData: wanted, argv: [], trackUnmanagedFds: false });
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  // Whoever asks hears of it through the answers; when nobody asks any more it must not end the engine.
  worker.on('error', () => undefined);
  const answers = on(worker, 'message', { signal }) as AsyncIterator<readonly [ThreadAnswer], undefined>;
  const ask = (request: ThreadRequest): void => {
    worker.postMessage(request);
  };

  async function* pieces(): AsyncGenerator<readonly StreamEvent[]> {
    for (;;) {
      const next = await answers.next();
      if (next.done === true) throw new TypeError('A thread was ended while it was asked');
      const [answer] = next.value;
      if (answer.kind === 'Failed') {
        const { id, message, details } = answer.error;
        throw new CertPropError(id, message, details);
      }
      yield answer.events;
      if (answer.kind === 'Done') return;
      ask({ kind: 'More' });
    }
  }

  return {
    look(profile) {
      ask({ kind: 'Look', profile });
      return pieces();
    },
    async end() {
      ask({ kind: 'End' });
      await answers.return?.();
      await exited;
    },
  };
}
