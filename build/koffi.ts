import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './root.js';

/** koffi's native library for a platform: a package of its own, unpacked in `folder`, and the files of it that are wanted. */
export interface NativeKoffi {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly string[];
}

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

const installed = join(root, 'node_modules');

/** @param platform Node's platform and architecture: `win32-x64` */
export function nativeKoffiName(platform: string): string {
  return `@koromix/koffi-${platform}`;
}

/** The one that npm installed for this machine, whole. */
export function installedKoffi(): NativeKoffi {
  const name = nativeKoffiName(`${process.platform}-${process.arch}`);
  const folder = join(installed, name);
  if (!existsSync(folder)) {
    throw new Error(`koffi's native package ${name} is not installed: run npm ci`);
  }
  return { name, folder, files: readdirSync(folder) };
}

/** Copies koffi and its native library into a node_modules folder. */
export function copyKoffi(native: NativeKoffi, target: string): void {
  for (const file of runtimeFiles) {
    cpSync(join(installed, 'koffi', file), join(target, 'koffi', file));
  }
  for (const file of native.files) {
    cpSync(join(native.folder, file), join(target, native.name, file), { recursive: true });
  }
}
