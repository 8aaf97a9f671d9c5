/**
 * Windows programs on Linux: Wine with a fresh prefix (its drive C and registry), which says that it is Windows 10.
 *
 * Debian's package wine64 is enough. Nothing of Wine's is shared: prefix and server end with `stop`. A program's output goes through
 * files, because node.exe can't write to a Unix pipe that Wine shows it as standard output (EBADF).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { requirePart } from './require.js';

export interface WineOptions {
  /** Linux paths of DLLs to be put into C:\windows\system32 in place of Wine's own of that name. */
  readonly shims?: readonly string[];
}

export interface RunOptions {
  /** Added to the environment of Wine's programs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the program is killed, which fails. 60 s by default. */
  readonly timeout?: number;
}

export interface WineResult {
  /** The low 8 bits, as Unix has it. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Wine {
  /** A temporary folder (Linux path) for this Wine's files; it goes with it. */
  readonly folder: string;
  /** C:\windows\system32 as a Linux path. */
  readonly systemFolder: string;
  /** `/tmp/a` as Wine's programs name it: `Z:\tmp\a`. */
  path(linuxPath: string): string;
  /**
   * Runs a program to its end.
   * @param program a Linux path, or the name of a program of Wine's (`reg`)
   * @throws Error when it takes too long
   */
  run(program: string, args?: readonly string[], options?: RunOptions): Promise<WineResult>;
  /** Starts a program without standard input; its output goes nowhere. */
  start(program: string, args?: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess;
  /** Ends every program, the server too, and removes the prefix. */
  stop(): Promise<void>;
}

const loader = '/usr/lib/wine/wine64';
const server = '/usr/lib/wine/wineserver64';
const runLimit = 60_000;
const startLimit = 180_000;

/** The `skip` value of tests that run Windows programs. */
export function skipWithoutWine(): string | false {
  const available = existsSync(loader) && existsSync(server);
  return requirePart('wine', available, 'apt-get install wine64');
}

export async function startWine({ shims = [] }: WineOptions = {}): Promise<Wine> {
  const folder = await mkdtemp(join(tmpdir(), 'wine-'));
  const prefix = join(folder, 'prefix');
  const systemFolder = join(prefix, 'drive_c', 'windows', 'system32');
  const environment = wineEnvironment(folder, prefix, shims);
  let runs = 0;

  const wine: Wine = {
    folder,
    systemFolder,
    path: windowsPath,

    async run(program, args, options) {
      const result = await runOnce(program, args, options);
      return endedUnbegun(result) ? runOnce(program, args, options) : result;
    },

    start: (program, args = [], env = {}) =>
      spawn(loader, [program, ...args], { env: { ...environment, ...env }, stdio: 'ignore' }),

    async stop() {
      spawnSync(server, ['-k'], { env: environment, timeout: runLimit });
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      process.off('exit', stopAtEnd);
      process.off('SIGTERM', endOfProcess);
    },
  };

  async function runOnce(
    program: string,
    args: readonly string[] = [],
    { env = {}, timeout = runLimit }: RunOptions = {},
  ): Promise<WineResult> {
    const name = join(folder, `run-${String((runs += 1))}`);
    const output = await open(`${name}.out`, 'w');
    const errors = await open(`${name}.err`, 'w');
    const child = spawn(loader, [program, ...args], {
      env: { ...environment, ...env },
      stdio: ['ignore', output.fd, errors.fd],
    });
    const exitCode = await exitOf(child, timeout).finally(() =>
      Promise.all([output.close(), errors.close()]),
    );
    const texts = [`${name}.out`, `${name}.err`].map((file) => readFile(file, 'utf8'));
    const [outputText = '', errorText = ''] = await Promise.all(texts);
    return { exitCode, output: outputText, errors: errorText };
  }

  // A test run that is ended by its time limit leaves nothing either: a prefix has some 700 MB.
  const stopAtEnd = (): void => {
    spawnSync(server, ['-k'], { env: environment, timeout: runLimit });
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stopAtEnd);
  process.once('SIGTERM', endOfProcess);

  try {
    await mkdir(prefix);
    startServer(environment);
    await succeed(wine.run('wineboot', ['-i'], { timeout: startLimit }));
    // node.exe ends with 216 on Wine's own default, Windows 7.
    await succeed(wine.run('winecfg', ['-v', 'win10']));
    for (const shim of shims) await copyFile(shim, join(systemFolder, basename(shim)));
  } catch (error) {
    await wine.stop();
    throw error;
  }
  return wine;
}

/**
 * A server that stays until it is told to end. One that ends with its last program, as by itself, makes each program start all of Wine's
 * services again.
 */
function startServer(environment: NodeJS.ProcessEnv): void {
  const { status, error } = spawnSync(server, ['-p'], {
    env: environment,
    timeout: runLimit,
    stdio: 'ignore',
  });
  if (status !== 0) throw error ?? new Error(`wineserver ended with ${String(status)}`);
}

function endOfProcess(): void {
  process.exit(1);
}

/** Sets a value in Wine's registry. `key` as `HKLM\SOFTWARE\...`. */
export async function setRegistryValue(
  wine: Wine,
  key: string,
  name: string,
  type: 'REG_SZ' | 'REG_DWORD',
  data: string,
): Promise<void> {
  await succeed(wine.run('reg', ['add', key, '/v', name, '/t', type, '/d', data, '/f']));
}

/** Wine's programs see these variables, beside Windows' own that Wine makes. */
function wineEnvironment(folder: string, prefix: string, shims: readonly string[]): NodeJS.ProcessEnv {
  const native = shims.map((shim) => `;${basename(shim, '.dll')}=n`).join('');
  return {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    // File names are UTF-8 for Wine only in such a locale.
    LANG: 'C.UTF-8',
    WINEARCH: 'win64',
    WINEPREFIX: prefix,
    WINELOADER: loader,
    WINESERVER: server,
    WINEDEBUG: '-all',
    // Without mono and gecko, which Wine would offer to download.
    WINEDLLOVERRIDES: `mscoree=;mshtml=${native}`,
    DISPLAY: '',
  };
}

/**
 * Under Wine 8 a program ends now and then with 1 and without a word before it has begun, most of all on a busy machine (seen twice in some
 * thousand starts: winecfg, and a script whose failures are told; the cause was not found). It is run once more then.
 */
function endedUnbegun({ exitCode, output, errors }: WineResult): boolean {
  return exitCode === 1 && output === '' && errors === '';
}

function windowsPath(linuxPath: string): string {
  return `Z:${linuxPath.replaceAll('/', '\\')}`;
}

async function exitOf(child: ChildProcess, limit: number): Promise<number | null> {
  const timer = setTimeout(() => child.kill('SIGKILL'), limit);
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    if (child.killed) throw new Error(`${child.spawnargs.join(' ')} took longer than ${String(limit)} ms`);
    return exitCode;
  } finally {
    clearTimeout(timer);
  }
}

async function succeed(running: Promise<WineResult>): Promise<void> {
  const { exitCode, output, errors } = await running;
  if (exitCode !== 0)
    throw new Error(`A program under Wine ended with ${String(exitCode)}: ${errors}${output}`);
}
