/** PowerShell with the built module, as an administrator has it. */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { requirePart } from './require.js';

export interface PwshResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `skip` value of tests that use PowerShell. */
export function skipWithoutPwsh(): string | false {
  const available = spawnSync('pwsh', ['-NoProfile', '-Command', '1']).status === 0;
  return requirePart('pwsh', available, 'PowerShell 7.4 or later (https://aka.ms/powershell)');
}

/** Runs a script with the product's module imported. Nothing is interactive. */
export async function pwsh(script: string, env: NodeJS.ProcessEnv): Promise<PwshResult> {
  return runPwsh(withModule(script), env);
}

/** Runs a script in a PowerShell of its own. Nothing is interactive. */
export async function runPwsh(script: string, env: NodeJS.ProcessEnv): Promise<PwshResult> {
  const child = spawnPwsh(script, env);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** A script under way. */
export interface RunningPwsh {
  /** The next line that it prints; null after the last one. */
  nextLine(): Promise<string | null>;
  isRunning(): boolean;
  readonly ended: Promise<Pick<PwshResult, 'exitCode' | 'stderr'>>;
  kill(): void;
}

/** Starts a script with the product's module imported. Nothing is interactive. */
export function startPwsh(script: string, env: NodeJS.ProcessEnv): RunningPwsh {
  const child = spawnPwsh(withModule(script), env);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = Promise.all([text(child.stderr), once(child, 'close')]);
  return {
    async nextLine() {
      const next = (await lines.next()) as IteratorResult<string, undefined>;
      return next.value ?? null;
    },
    isRunning: () => child.exitCode === null && child.signalCode === null,
    ended: ended.then(([stderr]) => ({ exitCode: child.exitCode, stderr })),
    kill: () => void child.kill('SIGKILL'),
  };
}

function withModule(script: string): string {
  return `Set-StrictMode -Version Latest; Import-Module ./module/CertProp.psd1; ${script}`;
}

function spawnPwsh(script: string, env: NodeJS.ProcessEnv): ChildProcessByStdio<null, Readable, Readable> {
  return spawn('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script], {
    env: { ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a script that must not fail, and gives its output objects as parsed JSON. */
export async function pwshObjects<T>(script: string, env: NodeJS.ProcessEnv): Promise<readonly T[]> {
  const { exitCode, stdout, stderr } = await pwsh(
    `$ErrorActionPreference = 'Stop'; ConvertTo-Json -Depth 5 -InputObject @(${script})`,
    env,
  );
  if (exitCode !== 0 || stderr !== '')
    throw new Error(`PowerShell ended with ${String(exitCode)}: ${stderr}`);
  return JSON.parse(stdout) as readonly T[];
}
