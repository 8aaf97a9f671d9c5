/** The shims of Windows' libraries in tests/wine, compiled, and what they report. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../build/root.js';
import { requirePart } from './require.js';
import type { Wine } from './wine.js';

const compiler = 'x86_64-w64-mingw32-gcc';

/** The `skip` value of tests that compile for Windows. */
export function skipWithoutMingw(): string | false {
  const available = spawnSync(compiler, ['--version']).status === 0;
  return requirePart('mingw', available, 'apt-get install gcc-mingw-w64-x86-64');
}

/** Compiles a shim (`winscard`); the DLL's path, for startWine. */
export function compileShim(name: string): string {
  // Test files that run side by side make their own.
  const folder = join(root, 'out', 'wine', String(process.pid));
  mkdirSync(folder, { recursive: true });
  const library = join(folder, `${name}.dll`);
  const options = ['-shared', '-O1', '-Wall', '-Wextra', '-Werror', '-o', library];
  const source = join(root, 'tests', 'wine', `${name}.c`);
  const { status, stderr } = spawnSync(compiler, [...options, source, '-lws2_32', '-lcrypt32'], {
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`${compiler} failed: ${stderr.toString()}`);
  return library;
}

/** Tells a shim where its server is. */
export function setShimPort(wine: Wine, name: string, port: number): void {
  writeFileSync(join(wine.systemFolder, `${name}-port.txt`), String(port));
}

/** What programs did wrong in calling a shim, one mistake a line; each ended its program. */
export function shimViolations(wine: Wine, name: string): string {
  const file = join(wine.systemFolder, `${name}-violations.txt`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
