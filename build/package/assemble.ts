import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { version } from '../../engine/version.js';
import { findVirtualCard } from '../engine-bundle.js';
import { assembleEngine } from '../engine-folder.js';
import { writeHelp } from '../help/write.js';
import { nativeKoffiName, type NativeKoffi } from '../koffi.js';
import type { LicensedPackage } from '../licenses.js';
import { moduleFolder, root } from '../root.js';
import { nativeKoffiFiles, packagedFiles, type Platform } from './contents.js';
import { fetchPackage } from './fetch.js';
import { lockedPin, nodePin, type NodePin } from './pins.js';
import { checkNodeSignature, type SignatureCheck } from './signature.js';

export interface Package {
  /** `<target>/CertProp/<version>` */
  readonly folder: string;
  /** Of its Node.js; null where it has none. */
  readonly nodeSignature: SignatureCheck | null;
}

/** When every file was changed, so that archives of equal packages are equal: what npm writes into its tarballs. */
const changed = new Date('1985-10-26T08:15:00Z');

/**
 * Makes the package for a platform. What was in the target folder before is gone.
 * Equal sources give equal files, down to their modes and times.
 */
export async function assemblePackage(platform: Platform, target: string): Promise<Package> {
  const folder = join(target, 'CertProp', version);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    copyModule(folder);
    await writeHelp(folder);
    await addEngine(platform, join(folder, 'engine'));
    const nodeSignature = await addNode(platform, join(folder, 'engine'));
    assertListed(platform, filesBelow(folder));
    settle(target);
    return { folder, nodeSignature };
  } catch (error) {
    rmSync(target, { recursive: true });
    throw error;
  }
}

function copyModule(folder: string): void {
  const engine = join(moduleFolder, 'engine');
  cpSync(moduleFolder, folder, { recursive: true, filter: (path) => path !== engine });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

async function addEngine(platform: Platform, engine: string): Promise<void> {
  const node = nodePin(platform);
  const licensed = node === undefined ? [] : [await nodeLicense(node)];
  const sources = await assembleEngine('main.ts', engine, { koffi: await packagedKoffi(platform), licensed });
  const virtualCard = findVirtualCard(sources);
  if (virtualCard.length > 0) {
    throw new Error(`The package would hold the virtual card: ${virtualCard.join(', ')}`);
  }
}

/** Node.js for Windows, where the module looks first for it. */
async function addNode(platform: Platform, engine: string): Promise<SignatureCheck | null> {
  const node = nodePin(platform);
  if (node === undefined) return null;
  const program = join(await fetchPackage(node.program), 'bin', 'node.exe');
  const signature = await checkNodeSignature(program);
  cpSync(program, join(engine, 'node.exe'));
  return signature;
}

async function packagedKoffi(platform: Platform): Promise<NativeKoffi> {
  const name = nativeKoffiName(platform);
  const installed = join(root, 'node_modules', name);
  const folder = existsSync(installed) ? installed : await fetchPackage(lockedPin(name));
  return { name, folder, files: nativeKoffiFiles(platform) };
}

async function nodeLicense({ license }: NodePin): Promise<LicensedPackage> {
  const folder = await fetchPackage(license);
  return { name: 'Node.js', folder, licenseFolder: folder };
}

/** Throws unless a package holds exactly the listed files. */
export function assertListed(platform: Platform, files: readonly string[]): void {
  const listed = packagedFiles(platform);
  const unlisted = files.filter((file) => !listed.includes(file));
  const missing = listed.filter((file) => !files.includes(file));
  if (unlisted.length + missing.length === 0) return;
  const lines = [
    ...unlisted.map((file) => `not listed: ${file}`),
    ...missing.map((file) => `missing: ${file}`),
  ];
  throw new Error(
    `The package for ${platform} differs from build/package/contents.ts:\n  ${lines.join('\n  ')}`,
  );
}

/** The files below a folder, as sorted paths relative to it, with slashes. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Gives everything below a folder, and the folder itself, fixed modes and times. */
function settle(path: string): void {
  const isFolder = statSync(path).isDirectory();
  if (isFolder) readdirSync(path).forEach((name) => settle(join(path, name)));
  chmodSync(path, isFolder ? 0o755 : 0o644);
  utimesSync(path, changed, changed);
}
