/** Counts the system calls of a process that watches the cards while nothing happens: `node out/tests/bench/idle-watch.js` (strace). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { muteCardFile } from '../../engine/virtual/card-file.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { startPcscd } from '../support/pcscd.js';

const script = fileURLToPath(new URL('idle-watch-process.js', import.meta.url));
const settlingMilliseconds = 1000;
const idleSeconds = 60;

/** @returns strace's summary */
async function idleCalls(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const watcher = spawn(process.execPath, [script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...env, UV_THREADPOOL_SIZE: '64' },
  });
  await once(createInterface({ input: watcher.stdout }), 'line');
  await delay(settlingMilliseconds);
  const strace = spawn('timeout', [
    ...['--signal=INT', String(idleSeconds), 'strace', '-f', '-c', '-p', String(watcher.pid)],
  ]);
  let summary = '';
  strace.stderr.setEncoding('utf8').on('data', (text: string) => (summary += text));
  await once(strace, 'close');
  watcher.stdin.end();
  await once(watcher, 'exit');
  return summary.replaceAll(/^strace: Process .*\n/gmu, '');
}

const pcscd = await startPcscd();
const folder = await mkdtemp(join(tmpdir(), 'idle-watch-'));
try {
  const [reader] = pcscd.readers;
  const card = {
    atr: Uint8Array.of(0x3b, 0x80, 0x01, 0x81),
    transmit: () => Uint8Array.of(0x90, 0),
    reset: () => undefined,
  };
  await insertCard(card, reader?.port ?? 0);
  await mkdir(join(folder, 'Reader'));
  await writeFile(join(folder, 'Reader', 'card.json'), muteCardFile);
  const [system, embedded] = await Promise.all([idleCalls([], pcscd.env), idleCalls([folder], process.env)]);
  console.log(`pcscd, ${idleSeconds} s:\n${system}\nEmbedded readers, ${idleSeconds} s:\n${embedded}`);
} finally {
  await pcscd.stop();
  await rm(folder, { recursive: true });
}
