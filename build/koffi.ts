import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** What koffi needs at run time; its sources, documents and build tools stay behind. */
const runtimeFiles = [
  'package.json',
  'index.js',
  'index.cjs',
  'src/koffi/index.js',
  'src/koffi/index.cjs',
  'src/koffi/src/static.js',
  'src/koffi/src/static.cjs',
];

/** Copies koffi and its native library for this platform into a node_modules folder. Returns the packages' names. */
export function copyKoffi(target: string): string[] {
  const installed = join(root, 'node_modules');
  const native = `@koromix/koffi-${process.platform}-${process.arch}`;
  if (!existsSync(join(installed, native))) {
    throw new Error(`koffi's native package ${native} is not installed: run npm ci`);
  }
  for (const file of runtimeFiles) {
    cpSync(join(installed, 'koffi', file), join(target, 'koffi', file));
  }
  cpSync(join(installed, native), join(target, native), { recursive: true });
  return ['koffi', native];
}
