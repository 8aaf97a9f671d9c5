/** Packages from npm that are shipped or tested with, but not installed: other platforms' native files, Node.js for Windows. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.js';
import { findProgram, run } from '../run.js';

export interface Pin {
  readonly name: string;
  readonly version: string;
  /** Of the tarball, as in package-lock.json: `sha512-` and base64. */
  readonly integrity: string;
  /** Where only some of its files are wanted. */
  readonly files?: readonly string[];
}

const defaultCache = join(root, 'node_modules', '.cache', 'certprop');

/**
 * A package's unpacked folder. It is fetched once from the registry that npm is configured with; nothing is unpacked that is not
 * exactly what was pinned. Several processes may ask for the same one at the same time.
 */
export async function fetchPackage(pin: Pin, cache = defaultCache): Promise<string> {
  const folder = join(cache, cacheName(pin));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetching-'));
  try {
    const tarball = await download(pin, work);
    checkIntegrity(pin, readFileSync(tarball));
    await unpack(pin, tarball, work);
    moveUnlessThere(join(work, 'package'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Holds a part of the pinned digest, so that a changed pin is fetched anew. */
function cacheName({ name, version, integrity }: Pin): string {
  const digest = Buffer.from(integrity.replace(/^sha512-/u, ''), 'base64').toString('hex');
  return `${name.replace('/', '+')}@${version}-${digest.slice(0, 16)}`;
}

async function download({ name, version }: Pin, folder: string): Promise<string> {
  const specifier = `${name}@${version}`;
  const { program, args } = npm();
  const { exitCode, output, errors } = await run(
    program,
    [...args, 'pack', specifier, '--pack-destination', folder, '--ignore-scripts', '--loglevel', 'error'],
    { folder },
  );
  if (exitCode !== 0) throw new Error(`npm could not fetch ${specifier}: ${errors.trim()}`);
  return join(folder, output.trim().split('\n').at(-1) ?? '');
}

/** The npm that runs this, else the one on PATH. */
function npm(): { program: string; args: readonly string[] } {
  const script = process.env.npm_execpath;
  if (script?.endsWith('npm-cli.js')) return { program: process.execPath, args: [script] };
  return { program: findProgram('npm') ?? 'npm', args: [] };
}

/** Throws unless a tarball is the pinned one. */
export function checkIntegrity({ name, version, integrity }: Pin, tarball: Uint8Array): void {
  const pinned = /^sha512-([A-Za-z0-9+/]{86}==)$/u.exec(integrity)?.[1];
  if (pinned === undefined) throw new Error(`The pin of ${name} ${version} has no sha512 integrity`);
  const actual = createHash('sha512').update(tarball).digest();
  if (!timingSafeEqual(actual, Buffer.from(pinned, 'base64'))) {
    throw new Error(
      `${name} ${version} from the registry is not the one that was pinned: sha512-${actual.toString('base64')} instead of ${integrity}`,
    );
  }
}

async function unpack({ files = [] }: Pin, tarball: string, folder: string): Promise<void> {
  const members = files.map((file) => `package/${file}`);
  const { exitCode, errors } = await run('tar', ['-xzof', tarball, '-C', folder, ...members]);
  if (exitCode !== 0) throw new Error(`tar could not unpack ${tarball}: ${errors.trim()}`);
}

/** A folder moves as a whole or not at all; where another process was faster, its folder holds the same. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
