/** A real browser without a window, as an independent reader of pages. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { requirePart } from './require.js';

const run = promisify(execFile);

const options = [
  '--headless',
  // Its sandbox refuses to run as root; the pages are the tests' own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The `skip` value of tests that use Chromium. */
export function skipWithoutChromium(): string | false {
  const available = spawnSync('chromium', ['--version']).status === 0;
  return requirePart('chromium', available, 'apt-get install chromium');
}

/** The page's document, as HTML, after it was loaded and its scripts, if there are any, have run. */
export function loadedDocument(file: string): Promise<string> {
  return inNewProfile((profile) => chromium(profile, '--dump-dom', file));
}

/** The page as it is printed, a PDF. */
export function printed(file: string): Promise<Buffer> {
  return inNewProfile(async (profile) => {
    const pdf = join(profile, 'printed.pdf');
    await chromium(profile, `--print-to-pdf=${pdf}`, file);
    return readFile(pdf);
  });
}

async function chromium(profile: string, action: string, file: string): Promise<string> {
  const { stdout } = await run(
    'chromium',
    [...options, `--user-data-dir=${profile}`, action, pathToFileURL(file).href],
    { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 },
  );
  return stdout;
}

async function inNewProfile<T>(work: (profile: string) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'chromium-'));
  try {
    return await work(profile);
  } finally {
    // Its processes may still write there.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
