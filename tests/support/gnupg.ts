/** GnuPG with its card daemon as an independent client of OpenPGP cards. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Pcscd, VirtualReader } from './pcscd.js';
import { requirePart } from './require.js';

export interface Gnupg {
  /** `gpg --card-status` as a person sees it. */
  cardStatus(): Promise<string>;
  /** Commands of the card daemon; what they answer, each line with its keyword (`S`, `D`, `OK`), bytes as Latin-1. */
  cardDaemon(...commands: readonly string[]): Promise<string>;
  /** `scd writecert OPENPGP.3`: GnuPG knows the certificate of the authentication key only. */
  writeCertificate(certificate: Uint8Array): Promise<void>;
  /** `scd readcert OPENPGP.3`. */
  readCertificate(): Promise<Uint8Array>;
  stop(): Promise<void>;
}

/** The `skip` value of tests that use GnuPG. */
export function skipWithoutGnupg(): string | false {
  const { stdout } = spawnSync('gpgconf', ['--list-dirs', 'libexecdir'], { encoding: 'utf8' });
  const available = typeof stdout === 'string' && existsSync(join(stdout.trim(), 'scdaemon'));
  return requirePart('gnupg', available, 'apt-get install gnupg scdaemon');
}

/** GnuPG with a home of its own on this reader. It is asked for PINs often, and gives those of a new card. */
export async function startGnupg(pcscd: Pcscd, { readerName }: VirtualReader): Promise<Gnupg> {
  const home = await mkdtemp(join(tmpdir(), 'gnupg-'));
  const pinentry = join(home, 'pinentry');
  await writeFile(pinentry, pinentryScript);
  await chmod(pinentry, 0o700);
  await writeFile(join(home, 'gpg-agent.conf'), `pinentry-program ${pinentry}\n`);
  const daemon = ['disable-ccid', 'pcsc-driver libpcsclite.so.1', `reader-port ${readerName}`];
  await writeFile(join(home, 'scdaemon.conf'), `${daemon.join('\n')}\n`);
  const env = { ...pcscd.env, GNUPGHOME: home, LC_ALL: 'C' };

  async function run(tool: string, options: readonly string[]): Promise<string> {
    const child = spawn(tool, options, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [stdout, stderr] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      once(child, 'close'),
    ]);
    if (child.exitCode !== 0)
      throw new Error(`${tool} ended with ${String(child.exitCode)}: ${String(stderr)}`);
    return stdout.toString('latin1');
  }

  /** The daemon keeps the card for itself until it ends, and the agent does not outlive it in good health. */
  async function withCard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await run('gpgconf', ['--kill', 'all']);
    }
  }

  async function ask(...commands: readonly string[]): Promise<string> {
    const output = await run('gpg-connect-agent', [...commands, '/bye']);
    if (/^ERR /mu.test(output)) throw new Error(`gpg-connect-agent: ${output}`);
    return output;
  }

  const cardDaemon = (...commands: readonly string[]) =>
    withCard(() => ask(...commands.map((command) => `scd ${command}`)));

  return {
    cardStatus: () => withCard(() => run('gpg', ['--card-status'])),
    cardDaemon,
    async writeCertificate(certificate) {
      const path = join(home, 'certificate.der');
      await writeFile(path, certificate);
      await withCard(() => ask(`/definqfile CERTDATA ${path}`, 'scd writecert OPENPGP.3'));
    },
    async readCertificate() {
      const lines = (await cardDaemon('readcert OPENPGP.3')).split('\n');
      const data = lines.filter((line) => line.startsWith('D ')).map((line) => line.slice(2));
      return Buffer.from(unescaped(data.join('')), 'latin1');
    },
    stop: () => rm(home, { recursive: true }),
  };
}

/** The Assuan protocol writes some bytes as %XX. */
function unescaped(text: string): string {
  return text.replace(/%([0-9A-F]{2})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

const pinentryScript = `#!/bin/sh
echo OK
pin=123456
while read -r command rest; do
  case "$command $rest" in
    SETDESC*Admin*|SETPROMPT*Admin*) pin=12345678; echo OK ;;
    GETPIN*) echo "D $pin"; pin=123456; echo OK ;;
    BYE*) echo OK; exit ;;
    *) echo OK ;;
  esac
done
`;
