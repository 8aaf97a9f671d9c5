/**
 * The helper process's first thread: passes on what the second one reads, and ends the process with its parent.
 *
 * It speaks on file descriptor 3, because modules print to standard output and error. The other end of that pipe is the engine's: when
 * it closes, be it by the engine's violent end, nobody is left to end a module that hangs.
 */
import { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { joinOwnJob } from './job-windows.js';
import type { ThreadData } from './helper-thread.js';
import { failed } from './messages.js';

const pipeDescriptor = 3;

/** @param script the helper's own, which the second thread runs too; @param modulePath absolute */
export async function serveEngine(script: string, modulePath: string): Promise<void> {
  const pipe = new Socket({ fd: pipeDescriptor });
  pipe.on('error', endWithChildren).on('close', endWithChildren).resume();
  const say = (message: unknown, whenSent?: () => void) =>
    pipe.write(`${JSON.stringify(message)}\n`, whenSent);
  if (process.platform === 'win32') await joinOwnJob();

  const sent = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const workerData: ThreadData = { modulePath, sent };
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
