/** A program of its own that waits for changes of readers, as logon screens and key managers do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Pcscd } from '../support/pcscd.js';

export interface Watcher {
  /** How many changes it has seen. */
  readonly changes: number;
  /** Waits until it has seen a change of every reader, then ends the program. */
  end(): Promise<void>;
}

const script = fileURLToPath(new URL('watcher-process.js', import.meta.url));

/** Resolves when the program waits. */
export async function startWatcher({ env }: Pcscd, readerNames: readonly string[]): Promise<Watcher> {
  const child = spawn(process.execPath, [script, ...readerNames], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...env, UV_THREADPOOL_SIZE: '64' },
  });
  const lines = createInterface({ input: child.stdout });
  const changes: string[] = [];
  const watched = told('waiting');
  const changed = told('changed');
  lines.on('line', (line) => {
    if (line.startsWith('changed')) changes.push(line);
  });
  await watched;
  return {
    get changes() {
      return changes.length;
    },
    async end() {
      await changed;
      child.stdin.end();
      await once(child, 'exit');
    },
  };

  /** Resolves when the program has said this of every reader. */
  function told(what: 'waiting' | 'changed'): Promise<void> {
    const missing = new Set(readerNames.map((name) => `${what} ${name}`));
    return new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        if (missing.delete(line) && missing.size === 0) resolve();
      });
      child.once('exit', () => {
        reject(new Error('The watcher ended by itself.'));
      });
    });
  }
}
