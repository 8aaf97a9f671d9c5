import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { appendFile, copyFile, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { bundleEngine } from '../../build/engine-bundle.js';
import { assemblePackage, assertListed, filesBelow } from '../../build/package/assemble.js';
import {
  filesToSign,
  nativeLibrary,
  packagedFiles,
  platforms,
  type Platform,
} from '../../build/package/contents.js';
import { checkNodeSignature } from '../../build/package/signature.js';
import { version } from '../../engine/version.js';
import { root } from '../../build/root.js';
import { skipWithoutOsslsigncode, skipWithoutRegistry } from '../support/packages.js';
import { runPwsh, skipWithoutPwsh } from '../support/pwsh.js';

let work = '';
before(async () => {
  work = await mkdtemp(join(tmpdir(), 'certprop-package-'));
});
after(async () => {
  await rm(work, { recursive: true });
});

/** Everything that an archive of a package would hold: path, mode, time and content. */
function archived(target: string): string[] {
  return filesBelow(target).map((path) => {
    const { mode, mtimeMs } = statSync(join(target, path));
    const content = createHash('sha256')
      .update(readFileSync(join(target, path)))
      .digest('hex');
    return `${path} ${mode.toString(8)} ${mtimeMs} ${content}`;
  });
}

async function withUmask<T>(mask: number, action: () => Promise<T>): Promise<T> {
  const before = process.umask(mask);
  try {
    return await action();
  } finally {
    process.umask(before);
  }
}

async function assertReproducible(platform: Platform): Promise<void> {
  const first = join(work, 'first', platform);
  const second = join(work, 'second', platform);
  await withUmask(0o022, () => assemblePackage(platform, first));
  await withUmask(0o077, () => assemblePackage(platform, second));
  assert.deepEqual(archived(second), archived(first));
}

test('each package holds one native library, and Node.js on Windows only', () => {
  for (const platform of platforms) {
    const files = packagedFiles(platform);
    assert.deepEqual(
      files.filter((file) => file.endsWith('.node')),
      [nativeLibrary(platform)],
    );
    assert.equal(files.includes('engine/node.exe'), platform.startsWith('win32'), platform);
  }
});

test('a file that nobody listed, and one that is missing, stop a package', () => {
  const [first = '', ...others] = packagedFiles('linux-x64');
  assert.throws(
    () => assertListed('linux-x64', [...others, 'private/Forgotten.ps1']),
    (error: Error) => {
      assert.match(error.message, /not listed: private\/Forgotten\.ps1/u);
      assert.match(error.message, new RegExp(`missing: ${first}`, 'u'));
      return true;
    },
  );
});

test('two packages made from the same sources are equal, down to modes and times', () =>
  assertReproducible('linux-x64'));

test('a package has no trace of the virtual cards', async () => {
  await bundleEngine(join(root, 'engine', 'demo.ts'), join(work, 'demo.cjs'));
  const demo = readFileSync(join(work, 'demo.cjs'));
  const { folder } = await assemblePackage('linux-x64', join(work, 'product'));
  const files = filesBelow(folder).map((path) => ({ path, content: readFileSync(join(folder, path)) }));
  for (const name of ['virtual card', 'card.json', 'it is longer than 4 MiB']) {
    assert.ok(demo.includes(name), `the virtual cards no longer have the name '${name}'`);
    const holders = files.filter(({ content }) => content.includes(name)).map(({ path }) => path);
    assert.deepEqual(holders, [], name);
  }
});

const skipPwsh =
  process.platform === 'linux' && process.arch === 'x64'
    ? skipWithoutPwsh()
    : 'the package is for Linux on x64';

describe('the linux-x64 package in PowerShell', { skip: skipPwsh }, () => {
  const nobody = join(tmpdir(), 'certprop-no-pcscd');
  let target = '';
  let folder = '';
  before(async () => {
    target = join(work, 'installed');
    folder = (await assemblePackage('linux-x64', target)).folder;
  });

  /** Finds the module by its name, as an installed one; without pcscd the engine's answer is an error that only a working koffi gives. */
  async function assertWorks(): Promise<void> {
    const { stdout, stderr } = await runPwsh(
      `Set-StrictMode -Version Latest
      try { Get-CardCertificate -ErrorAction Stop } catch { $_.FullyQualifiedErrorId }
      $module = Get-Module -Name CertProp
      $module.ModuleBase
      $module.ExportedTypeFiles.Count + $module.ExportedFormatFiles.Count
      (Get-Help -Name Get-CardCertificate).Synopsis`,
      { ...process.env, PSModulePath: target, PCSCLITE_CSOCK_NAME: nobody },
    );
    assert.equal(stderr, '');
    assert.deepEqual(stdout.trim().split('\n'), [
      'PcscUnavailable,Get-CardCertificate',
      folder,
      '2',
      'Lists the certificates on inserted smart cards.',
    ]);
  }

  test('it is found in a Modules folder by its name, and its engine answers', assertWorks);

  test('it works after signing, which appends a block to each script, manifest and format file', async () => {
    const block = ['SIG # Begin signature block', 'MIIFzDCCA7SgAwIBAgIQ', 'SIG # End signature block'];
    for (const file of filesToSign('linux-x64')) {
      const lines = block.map((line) => (file.endsWith('.ps1xml') ? `<!-- ${line} -->` : `# ${line}`));
      await appendFile(join(folder, file), `\r\n${lines.join('\r\n')}\r\n`);
    }
    await assertWorks();
  });
});

describe('the win32-x64 package', { skip: await skipWithoutRegistry() }, () => {
  const held = (file: string): string => join(work, 'first', 'win32-x64', 'CertProp', version, file);

  test('two of it are equal, down to modes and times', () => assertReproducible('win32-x64'));

  test('it names the license of Node.js', () => {
    const text = readFileSync(held('engine/THIRD-PARTY.txt'), 'utf8');
    assert.match(text, /^Node\.js \d+\.\d+\.\d+ \(MIT\)\n\nNode\.js is licensed for use as follows/mu);
    assert.match(text, /^@koromix\/koffi-win32-x64 \S+ \(MIT\)$/mu);
  });

  test('its node.exe is a long-term support release', () => {
    // Such a release has its line's name beside the addresses of its sources (src/node_metadata.cc).
    assert.match(readFileSync(held('engine/node.exe'), 'latin1'), /\0(?:Jod|Krypton)\0/u);
  });

  describe('its signature', { skip: skipWithoutOsslsigncode() }, () => {
    test('is the OpenJS Foundation’s', async () => {
      assert.equal(await checkNodeSignature(held('engine/node.exe')), 'verified');
    });

    test('does not hold for a file that was changed', async () => {
      const changed = join(work, 'changed.exe');
      await copyFile(held('engine/node.exe'), changed);
      const file = await open(changed, 'r+');
      await file.write('X', 5_000_000);
      await file.close();
      await assert.rejects(checkNodeSignature(changed), /is not as the OpenJS Foundation signed it/u);
    });

    test('is missed in a file without one', async () => {
      const koffi = held(nativeLibrary('win32-x64'));
      await assert.rejects(checkNodeSignature(koffi), /is not as the OpenJS Foundation signed it/u);
    });
  });
});
