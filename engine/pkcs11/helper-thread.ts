/** The helper process's second thread, which a module may block for as long as it likes. */
import { parentPort } from 'node:worker_threads';
import { loadCryptoki } from './cryptoki.js';
import { failed, type HelperMessage } from './messages.js';
import { ModuleError } from './module-error.js';
import { readTokens } from './read-tokens.js';

/** Posts the module's tokens to the first thread, then Done or Failed. @param modulePath absolute */
export async function readInThread(modulePath: string): Promise<void> {
  const post = (message: HelperMessage) => parentPort?.postMessage(message);
  try {
    for (const token of readTokens(await loadCryptoki(modulePath))) post(token);
    post({ kind: 'Done' });
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    post(failed(error.message));
  }
}
