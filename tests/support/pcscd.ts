/**
 * A private pcscd with virtual readers, one per test file.
 *
 * pcscd's socket path is compiled in, so each daemon gets a mount namespace of its own in which that path is a temporary folder; clients
 * find it through PCSCLITE_CSOCK_NAME. So several daemons run side by side, and a daemon of the system is left alone.
 * The daemon ends with its test process, however that ends.
 * Readers are vpcd's: a driver library serves two slots and keeps them in static memory, hence one copy of it per pair.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { requirePart } from './require.js';

export interface VirtualReader {
  readonly readerName: string;
  /** vpcd's TCP port for this reader: `insertCard(card, port)`. */
  readonly port: number;
}

export interface Pcscd {
  readonly readers: readonly VirtualReader[];
  /** The environment of clients of this daemon. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the daemon as a service restart does, and waits for its end. */
  stop(): Promise<void>;
}

const driver = '/usr/lib/pcsc/drivers/serial/libifdvpcd.so';
const unshare = ['unshare', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])];

/** The `skip` value of tests that start a pcscd. */
export function skipWithoutPcscd(): string | false {
  return requirePart(
    'pcscd',
    canStart(),
    'apt-get install pcscd vsmartcard-vpcd (and allow unshare --mount)',
  );
}

/**
 * Starts a daemon with so many virtual readers, and waits until it takes clients.
 * Sets PCSCLITE_CSOCK_NAME in this process too.
 */
export async function startPcscd(readerCount = 2): Promise<Pcscd> {
  const folder = await mkdtemp(join(tmpdir(), 'pcscd-'));
  const socket = join(folder, 'ipc', 'pcscd.comm');
  const readers = await configureReaders(folder, readerCount);
  const daemon = await startDaemon(folder);
  process.env.PCSCLITE_CSOCK_NAME = socket;
  return {
    readers,
    env: { ...process.env },
    async stop() {
      await end(daemon);
      await rm(folder, { recursive: true });
    },
  };
}

function canStart(): boolean {
  const [command = '', ...options] = unshare;
  return (
    existsSync(driver) &&
    spawnSync('pcscd', ['--version']).status === 0 &&
    spawnSync(command, [...options, 'true']).status === 0
  );
}

async function configureReaders(folder: string, readerCount: number): Promise<VirtualReader[]> {
  await Promise.all(['ipc', 'conf'].map((name) => mkdir(join(folder, name))));
  const readers: VirtualReader[] = [];
  for (let pair = 0; readers.length < readerCount; pair += 1) {
    const port = await freePortPair();
    const library = join(folder, `vpcd${pair}.so`);
    await copyFile(driver, library);
    const name = `Virtual ${String.fromCharCode(0x41 + pair)}`;
    const lines = [
      `FRIENDLYNAME "${name}"`,
      `DEVICENAME /dev/null:0x${port.toString(16)}`,
      `LIBPATH ${library}`,
      `CHANNELID 0x${port.toString(16)}`,
    ];
    await writeFile(join(folder, 'conf', `vpcd${pair}`), `${lines.join('\n')}\n`);
    readers.push({ readerName: `${name} 00 00`, port }, { readerName: `${name} 00 01`, port: port + 1 });
  }
  return readers;
}

/** Two adjacent ports below the ones the kernel gives to outgoing connections. */
async function freePortPair(): Promise<number> {
  for (;;) {
    const port = 20_000 + 2 * Math.floor(Math.random() * 6000);
    if ((await isFree(port)) && (await isFree(port + 1))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '0.0.0.0');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

async function startDaemon(folder: string): Promise<ChildProcess> {
  const script = [
    '[ -d /run/pcscd ] || { mount -t tmpfs none /run && mkdir /run/pcscd; }',
    'mount --bind "$1/ipc" /run/pcscd',
    'exec setpriv --pdeathsig TERM pcscd --foreground --info --config "$1/conf"',
  ];
  const [command = '', ...options] = unshare;
  const daemon = spawn(command, [...options, 'sh', '-ec', script.join('\n'), 'sh', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const log: string[] = [];
  const lines = createInterface({ input: daemon.stdout });
  await new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      log.push(line);
      if (line.includes('daemon ready')) resolve();
    });
    daemon.once('exit', () => {
      reject(new Error(`pcscd didn't start:\n${log.join('\n')}`));
    });
  });
  return daemon;
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const ended = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await ended;
}
