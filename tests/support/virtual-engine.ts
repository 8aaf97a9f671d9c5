/** The demo's engine as a process of its own, with virtual readers in a folder: spoken to as the module does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectToEngine, type EngineConnection } from '../../build/engine-client.js';

export interface VirtualEngine extends EngineConnection {
  /** Ends the engine by the end of its input. */
  end(): Promise<void>;
}

/** The numbers of another account, for an engine with fewer rights. */
export interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

const engine = new URL('../../engine/demo.js', import.meta.url);

/** @param folder an existing one, which holds the readers and what else belongs to the engine */
export async function startVirtualEngine(folder: string, account: Account = {}): Promise<VirtualEngine> {
  const script = join(folder, 'engine.mjs');
  await writeFile(script, `import ${JSON.stringify(engine.href)};\n`);
  await mkdir(join(folder, 'readers'), { recursive: true });
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'], ...account });
  const exited = once(child, 'exit');
  return {
    ...connectToEngine(child.stdout, child.stdin),
    async end() {
      child.stdin.end();
      await exited;
    },
  };
}

/**
 * Puts a card into a reader, which comes with it. The card comes at once, as a whole.
 * @param image as `writeCardImage` gives it
 */
export async function insertVirtualCard(folder: string, readerName: string, image: string): Promise<void> {
  const reader = join(folder, 'readers', readerName);
  await mkdir(reader, { recursive: true });
  const whole = join(folder, `${readerName}.json`);
  await writeFile(whole, image);
  await rename(whole, join(reader, 'card.json'));
}
