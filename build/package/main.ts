/** `npm run package -- --platform win32-x64`: the module for one kind of machine, complete, in dist/<platform>. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../root.js';
import { assemblePackage } from './assemble.js';
import { filesToSign, nativeLibrary, packagedFiles, platforms, type Platform } from './contents.js';
import type { SignatureCheck } from './signature.js';

function chosenPlatform(): Platform {
  const { values } = parseArgs({ options: { platform: { type: 'string' } } });
  const platform = platforms.find((name) => name === values.platform);
  if (platform === undefined) throw new Error(`Say for which machines: --platform ${platforms.join('|')}`);
  return platform;
}

function printFiles(folder: string, files: readonly string[]): void {
  const sizes = files.map((file) => statSync(join(folder, file)).size);
  files.forEach((file, index) => {
    console.log(`${String(sizes[index]).padStart(11)} ${file}`);
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  console.log(`${String(total).padStart(11)} bytes in ${files.length} files`);
}

function printSigning(platform: Platform, nodeSignature: SignatureCheck | null): void {
  console.log(`\nTo sign, where policy asks for signatures:\n  ${filesToSign(platform).join('\n  ')}`);
  if (nodeSignature === null) return;
  console.log(`Not signed by its maker, so sign it too or allow it by hash:\n  ${nativeLibrary(platform)}`);
  const verdict =
    nodeSignature === 'verified'
      ? 'signed by the OpenJS Foundation (verified)'
      : 'SIGNATURE NOT VERIFIED, because osslsigncode is not installed; its hash is the pinned one';
  console.log(`engine/node.exe: ${verdict}`);
}

const platform = chosenPlatform();
const { folder, nodeSignature } = await assemblePackage(platform, join(root, 'dist', platform));
console.log(`${folder}\n`);
printFiles(folder, packagedFiles(platform));
printSigning(platform, nodeSignature);
