/**
 * An independent witness of what is in a certificate store: a small .NET program (tests/dotnet/witness) over X509Store.
 * For Windows it holds the .NET runtime, which NuGet has to give; on Linux the installed .NET runs it.
 */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../build/root.js';
import type { StoreLocation } from '../../engine/store/place.js';
import { requirePart } from './require.js';
import { skipWithoutWine, type Wine } from './wine.js';

type WitnessRuntime = 'linux-x64' | 'win-x64';

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

/** Each answers with what the store holds afterwards, as .NET has it. */
export interface Witness {
  list(location: StoreLocation, store: string): Promise<readonly WitnessEntry[]>;
  /** @param certificate DER */
  add(location: StoreLocation, store: string, certificate: Uint8Array): Promise<readonly WitnessEntry[]>;
  /** Adds a new certificate with its private key. */
  addWithKey(location: StoreLocation, store: string): Promise<readonly WitnessEntry[]>;
  remove(location: StoreLocation, store: string, thumbprint: string): Promise<readonly WitnessEntry[]>;
}

const sources = join(root, 'tests', 'dotnet', 'witness');
const outputs = join(root, 'out', 'witness');
const buildLimit = 5 * 60_000;
const runLimit = 60_000;
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

/** The witness on Linux. @param folder for its files, and @param env whose HOME holds .NET's stores */
export async function linuxWitness(folder: string, env: NodeJS.ProcessEnv): Promise<Witness> {
  const built = await buildWitness('linux-x64');
  if ('reason' in built) throw new Error(built.reason);
  return witnessOver(folder, async (args) => {
    await run('dotnet', [built.path, ...args], { env, timeout: runLimit });
  });
}

/** Of a witness for Windows: .NET's IL-only libraries load through Wine's own mscoree, which the test bed leaves out otherwise. */
const withMscoree = { WINEDLLOVERRIDES: 'mscoree=b;mshtml=' };

/** The `skip` value of tests with a witness under Wine. */
export async function skipWithoutWineWitness(): Promise<string | false> {
  const missing = skipWithoutWine() || skipWithoutDotnet();
  if (missing !== false) return missing;
  const built = await buildWitness('win-x64');
  return requirePart('dotnet-win-x64', 'path' in built, 'reason' in built ? built.reason : '');
}

/** Wine is not made for .NET 10: once in some hundred runs the program ended without an answer. */
const wineAttempts = 2;

/** The witness under Wine. What it removes is not gone: Wine keeps a removal only after CertControlStore, which .NET doesn't call. */
export async function wineWitness(wine: Wine): Promise<Witness> {
  const built = await buildWitness('win-x64');
  if ('reason' in built) throw new Error(built.reason);
  return witnessOver(
    wine.folder,
    async (args) => {
      const { exitCode, errors } = await wine.run(built.path, args, { env: withMscoree, timeout: runLimit });
      if (exitCode !== 0) throw new Error(`The witness ended with exit code ${String(exitCode)}: ${errors}`);
    },
    (path) => wine.path(path),
    wineAttempts,
  );
}

/**
 * @param pathOf a file's name as the program knows it
 * @param attempts how often the program is run at most until it leaves an answer
 */
function witnessOver(
  folder: string,
  runProgram: (args: readonly string[]) => Promise<void>,
  pathOf = (path: string): string => path,
  attempts = 1,
): Witness {
  let asked = 0;
  const ask = async (...given: readonly string[]): Promise<readonly WitnessEntry[]> => {
    const answer = join(folder, `witnessed-${String((asked += 1))}.json`);
    for (let left = attempts; left > 1 && !existsSync(answer); left -= 1) {
      await runProgram([pathOf(answer), ...given]).catch(() => undefined);
    }
    if (!existsSync(answer)) await runProgram([pathOf(answer), ...given]);
    // Under Wine a program that failed may exit with 0; it leaves no answer then.
    return JSON.parse(await readFile(answer, 'utf8')) as readonly WitnessEntry[];
  };
  return {
    list: (location, store) => ask('list', location, store),
    async add(location, store, certificate) {
      const file = join(folder, 'witnessed.der');
      await writeFile(file, certificate);
      return ask('add', location, store, pathOf(file));
    },
    addWithKey: (location, store) => ask('add-key', location, store),
    remove: (location, store, thumbprint) => ask('remove', location, store, thumbprint),
  };
}
