/** The helper process's second thread, which a module may block for as long as it likes. */
import { parentPort } from 'node:worker_threads';
import { loadCryptoki } from './cryptoki.js';
import { failed, type HelperMessage } from './messages.js';
import { ModuleError } from './module-error.js';
import { readTokens } from './read-tokens.js';

/** What the first thread gives the second one. */
export interface ThreadData {
  /** Absolute. */
  readonly modulePath: string;
  /** How many messages have left the process; the first thread counts them. */
  readonly sent: Int32Array;
}

/** Posts the module's tokens to the first thread, then Done or Failed. */
export async function readInThread({ modulePath, sent }: ThreadData): Promise<void> {
  const say = speaker(sent);
  try {
    for (const token of readTokens(await loadCryptoki(modulePath))) say(token);
    say({ kind: 'Done' });
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    say(failed(error.message));
  }
}

/** Waits until a message has left the process: the module's next step may be the process's end. */
function speaker(sent: Int32Array): (message: HelperMessage) => void {
  let said = 0;
  return (message) => {
    parentPort?.postMessage(message);
    Atomics.wait(sent, 0, said);
    said += 1;
  };
}
