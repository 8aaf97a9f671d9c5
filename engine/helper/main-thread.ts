/**
 * The helper process's first thread: passes on what the second one says, and ends the process with its parent.
 *
 * It speaks on file descriptor 3, because foreign code prints to standard output and error. The other end of that pipe is the engine's:
 * when it closes, be it by the engine's violent end, nobody is left to end foreign code that hangs.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { joinOwnJob } from './job-windows.js';
import { failed } from './messages.js';
import type { ThreadData } from './work-thread.js';

const pipeDescriptor = 3;

/** @param script the helper's own, which the second thread runs too; @param task its name and values */
export async function serveEngine(script: string, task: readonly string[]): Promise<void> {
  const pipe = new Socket({ fd: pipeDescriptor });
  pipe.on('error', endWithChildren).on('close', endWithChildren).resume();
  const say = (message: unknown, whenSent?: () => void) =>
    pipe.write(`${JSON.stringify(message)}\n`, whenSent);
  if (process.platform === 'win32') await joinOwnJob();

  const sent = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ThreadData = { task, sent };
  const thread = new Worker(script, { workerData });
  thread.on('message', (message: unknown) => {
    say(message, () => {
      Atomics.add(sent, 0, 1);
      Atomics.notify(sent, 0);
    });
  });
  thread.on('error', (error: unknown) => {
    say(failed(`could not be read (${error instanceof Error ? error.message : String(error)})`));
  });
}

/** At once: a normal exit would wait for the second thread. On Windows the job ends the children. */
function endWithChildren(): void {
  process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL');
}
