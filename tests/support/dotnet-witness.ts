/**
 * An independent witness of what is in a certificate store: a small .NET program (tests/dotnet/witness) over X509Store.
 * For Windows it holds the .NET runtime, which NuGet has to give; on Linux the installed .NET runs it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../build/root.js';
import { requirePart } from './require.js';

export type WitnessRuntime = 'linux-x64' | 'win-x64';

/** What .NET says of one certificate in a store. */
export interface WitnessEntry {
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string;
  /** DER in base64. */
  readonly certificate: string;
  /** Empty where there is none. */
  readonly friendlyName: string;
  readonly hasPrivateKey: boolean;
}

const sources = join(root, 'tests', 'dotnet', 'witness');
const outputs = join(root, 'out', 'witness');
const buildLimit = 5 * 60_000;
const run = promisify(execFile);

/** The `skip` value of tests that use .NET, in the engine too. */
export function skipWithoutDotnet(): string | false {
  const { status, stdout } = spawnSync('dotnet', ['--version'], { encoding: 'utf8' });
  const isInstalled = status === 0 && Number.parseInt(stdout, 10) >= 10;
  const available = isInstalled && existsSync(join(root, 'node_modules', 'node-api-dotnet'));
  return requirePart('dotnet', available, 'the .NET SDK 10 (dotnet on PATH), and npm ci');
}

/**
 * Builds the witness once for each state of its sources.
 * @returns Witness.dll for Linux (`dotnet Witness.dll`), Witness.exe for Windows; or why it can't be built here
 */
export async function buildWitness(
  runtime: WitnessRuntime,
): Promise<{ readonly path: string } | { readonly reason: string }> {
  const folder = join(outputs, `${runtime}-${sourceHash()}`);
  const path = join(folder, runtime === 'win-x64' ? 'Witness.exe' : 'Witness.dll');
  if (existsSync(path)) return { path };
  try {
    await build(runtime, folder);
    return { path };
  } catch (error) {
    return { reason: `the witness for ${runtime} can't be built: ${firstError(error)}` };
  }
}

/** In a folder of this process's own: another test may be building it too. */
async function build(runtime: WitnessRuntime, folder: string): Promise<void> {
  const work = `${folder}-${process.pid}`;
  await mkdir(work, { recursive: true });
  try {
    await cp(sources, join(work, 'source'), { recursive: true });
    const options = [
      '-o',
      join(work, 'bin'),
      '--nologo',
      '-v',
      'quiet',
      `-p:ArtifactsPath=${join(work, 'artifacts')}`,
    ];
    const command =
      runtime === 'win-x64'
        ? ['publish', '-r', runtime, '--self-contained']
        : ['build', '-p:UseAppHost=false'];
    await run('dotnet', [...command, join(work, 'source', 'Witness.csproj'), ...options], {
      timeout: buildLimit,
    });
    await rename(join(work, 'bin'), folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function sourceHash(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(sources).sort()) hash.update(name).update(readFileSync(join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}

function firstError(error: unknown): string {
  const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
  const line = output.split('\n').find((text) => text.includes('error'));
  return (line ?? String(error)).trim();
}

/** What the witness wrote. */
export async function readAnswer(path: string): Promise<readonly WitnessEntry[]> {
  return JSON.parse(await readFile(path, 'utf8')) as readonly WitnessEntry[];
}
