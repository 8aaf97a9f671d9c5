import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleEngine } from './engine-bundle.js';
import { copyKoffi, type NativeKoffi } from './koffi.js';
import { installedPackage, thirdPartyNotices, type LicensedPackage } from './licenses.js';
import { root } from './root.js';

/** What an engine's folder holds besides the bundle. */
export interface EngineParts {
  readonly koffi: NativeKoffi;
  /** Further packages whose licenses belong to the notices. */
  readonly licensed: readonly LicensedPackage[];
}

/** Makes a module's engine folder anew, from an entry file of engine/. Returns the paths of everything that was bundled. */
export async function assembleEngine(entry: string, target: string, parts: EngineParts): Promise<string[]> {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const sources = [
    ...(await bundleEngine(join(root, 'engine', entry), join(target, 'engine.cjs'))),
    ...(await bundleEngine(join(root, 'engine', 'helper.ts'), join(target, 'helper.cjs'))),
  ];
  cpSync(join(root, 'build', 'launcher', 'certprop.cjs'), join(target, 'certprop.cjs'));
  copyKoffi(parts.koffi, join(target, 'node_modules'));
  const koffi = installedPackage('koffi');
  // koffi's native packages come from koffi's repository and carry no license file of their own.
  const native = { name: parts.koffi.name, folder: parts.koffi.folder, licenseFolder: koffi.folder };
  const notices = thirdPartyNotices(sources, [koffi, native, ...parts.licensed]);
  writeFileSync(join(target, 'THIRD-PARTY.txt'), notices);
  return sources;
}
