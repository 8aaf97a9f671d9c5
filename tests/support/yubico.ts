/** Yubico's command line tool for PIV cards as an independent client. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { succeed, type ToolResult } from './opensc.js';
import type { Pcscd, VirtualReader } from './pcscd.js';
import { requirePart } from './require.js';

/** yubico-piv-tool on one reader. `input` is what it reads from standard input. */
export type YubicoTool = (options: readonly string[], input?: string) => Promise<ToolResult>;

/** The `skip` value of tests that use yubico-piv-tool. */
export function skipWithoutYubico(): string | false {
  const available = spawnSync('yubico-piv-tool', ['--version']).status === 0;
  return requirePart('yubico-piv-tool', available, 'apt-get install yubico-piv-tool');
}

export function yubicoTool(pcscd: Pcscd, { readerName }: VirtualReader): YubicoTool {
  return async (options, input = '') => {
    const child = spawn('yubico-piv-tool', ['--reader', readerName, ...options], { env: pcscd.env });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { exitCode: child.exitCode, stdout, stderr };
  };
}

/** Writes a certificate (DER) into a slot (`9a`), as it is or compressed. */
export async function importCertificate(
  tool: YubicoTool,
  slot: string,
  certificate: Uint8Array,
  format: 'DER' | 'GZIP',
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'yubico-'));
  const path = join(folder, 'certificate');
  await writeFile(path, format === 'GZIP' ? gzipSync(certificate) : certificate);
  await succeed(
    tool(['--action', 'import-certificate', '--slot', slot, '--key-format', format, '--input', path]),
  );
  await rm(folder, { recursive: true });
}
