/** A program of its own that waits for changes of readers, as logon screens and key managers do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Pcscd } from '../support/pcscd.js';

export interface Watcher {
  /** Ends the program; returns how many changes it has seen. */
  end(): Promise<number>;
}

const script = fileURLToPath(new URL('watcher-process.js', import.meta.url));

/** Resolves when the program waits. */
export async function startWatcher({ env }: Pcscd, readerNames: readonly string[]): Promise<Watcher> {
  const child = spawn(process.execPath, [script, ...readerNames], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...env, UV_THREADPOOL_SIZE: '64' },
  });
  const exited = once(child, 'exit');
  let waiting = 0;
  let changes = 0;
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line === 'waiting') waiting += 1;
      else changes += 1;
      if (waiting === readerNames.length) resolve();
    });
    child.once('exit', () => {
      reject(new Error('The watcher ended by itself.'));
    });
  });
  return {
    async end() {
      child.stdin.end();
      await exited;
      return changes;
    },
  };
}
