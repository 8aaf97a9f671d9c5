/** Counting a process's system calls, as strace sees them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram } from '../../build/run.js';
import { requirePart } from '../support/require.js';

/** What measures with strace is left out for this reason. */
export function skipWithoutStrace(): string | false {
  return requirePart('strace', findProgram('strace') !== null, 'apt-get install strace');
}

/**
 * How many system calls the process, all its threads and its new children make during this work.
 * @throws Error with strace's words when it can't attach
 */
export async function systemCalls(processId: number, during: () => Promise<unknown>): Promise<number> {
  const strace = spawn('strace', ['-f', '-c', '-p', String(processId)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(strace, 'close');
  let said = '';
  const attached = new Promise<void>((resolve) => {
    strace.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/ attached\b/u.test(said)) resolve();
    });
  });
  await Promise.race([attached, ended]);
  if (strace.exitCode !== null) throw new Error(`strace can't attach: ${said}`);
  await during();
  strace.kill('SIGINT');
  await ended;
  return totalOf(said);
}

/** strace's table is left out when there is nothing in it; its last line has the columns %, seconds, usecs/call, calls, errors, `total`. */
function totalOf(said: string): number {
  const columns = /^.*\btotal$/mu.exec(said)?.[0].trim().split(/\s+/u);
  return columns === undefined ? 0 : Number(columns[3]);
}
