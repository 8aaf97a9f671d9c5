/** The modules of tests/pkcs11/hostile, compiled, and what they need. */
import { spawnSync } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { root } from '../../build/root.js';
import { requirePart } from '../support/require.js';

/** The helper's entry file as the tests have it. */
export const helper = join(root, 'out', 'engine', 'helper.js');

const sources = join(root, 'tests', 'pkcs11', 'hostile');

/** The `skip` value of tests that compile modules. */
export function skipWithoutCompiler(): string | false {
  const available = process.platform !== 'win32' && spawnSync('gcc', ['--version']).status === 0;
  return requirePart('gcc', available, 'apt-get install gcc libc6-dev');
}

/** Compiles the honest module with another one's functions in place of its own; the module's path. */
export function compileModule(folder: string, name: string): string {
  const path = join(folder, `${name}.so`);
  const files = name === 'honest' ? ['honest.c'] : [`${name}.c`, 'honest.c'];
  compile(['-shared', '-fPIC', '-o', path, ...files]);
  return path;
}

/** Runs the compiler in the modules' folder. */
export function compile(options: readonly string[]): void {
  const { status, stderr } = spawnSync('gcc', ['-Wall', '-Wextra', ...options], { cwd: sources });
  if (status !== 0) throw new Error(`gcc failed: ${stderr.toString()}`);
}

export interface AlivePipe {
  /** Resolves when a module has opened the pipe. */
  readonly opened: Promise<void>;
  /** Resolves when every process that had it open has ended. */
  readonly closed: Promise<void>;
}

/** The named pipe `alive` in a folder, which some modules hold open for as long as they live. */
export function alivePipe(folder: string): AlivePipe {
  const path = join(folder, 'alive');
  spawnSync('mkfifo', [path]);
  const pipe = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) });
  const opened = new Promise<void>((resolve) => pipe.once('data', () => resolve()));
  const closed = new Promise<void>((resolve) => pipe.once('close', () => resolve()));
  return { opened, closed };
}
