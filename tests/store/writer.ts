import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('writer-process.js', import.meta.url));

export interface Writer {
  readonly process: ChildProcess;
  /** The next line that it prints. */
  nextLine(): Promise<string>;
  /** Its whole output, when it has ended; fails if it failed. */
  output(): Promise<string>;
  /** Ends it as a power cut would, and waits until it is gone. */
  kill(): Promise<void>;
}

/** Starts `writer-process.ts`. */
export function startWriter(parameters: readonly string[], options: SpawnOptions = {}): Writer {
  const child = spawn(process.execPath, [script, ...parameters], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  const closed = once(child, 'close');
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const nextLine = async (): Promise<string> => {
    const [chunk] = (await Promise.race([once(child.stdout ?? child, 'data'), closed])) as unknown[];
    if (!Buffer.isBuffer(chunk)) throw new Error('the writer ended without a word');
    return chunk.toString().trim();
  };
  return {
    process: child,
    nextLine,
    output: async () => {
      const [code] = (await closed) as unknown[];
      if (code !== 0) throw new Error(`the writer ended with ${String(code)}`);
      return Buffer.concat(chunks).toString();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
