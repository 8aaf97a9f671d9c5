/** A pcscd that can be restarted under its clients. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPcscd, type Pcscd, type VirtualReader } from './pcscd.js';

export interface RestartablePcscd {
  /** The readers of the daemon of the moment; the next one has them at other ports. */
  readonly first: VirtualReader;
  readonly second: VirtualReader;
  /** The environment of clients, whichever daemon runs. */
  readonly env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it for good. */
  end(): Promise<void>;
}

/**
 * Starts it. The library reads its socket's path once per process: a link that stays leads to the daemon of the moment.
 * Sets PCSCLITE_CSOCK_NAME in this process too.
 */
export async function startRestartablePcscd(): Promise<RestartablePcscd> {
  const folder = await mkdtemp(join(tmpdir(), 'certprop-pcscd-'));
  const socket = join(folder, 'pcscd.comm');
  let pcscd = await startBehind(socket);

  async function stop(): Promise<void> {
    await unlink(socket);
    await pcscd.stop();
  }

  return {
    get first() {
      return pcscd.readers[0] ?? assert.fail();
    },
    get second() {
      return pcscd.readers[1] ?? assert.fail();
    },
    env: { ...process.env },
    stop,
    async start() {
      pcscd = await startBehind(socket);
    },
    async end() {
      await stop();
      await rm(folder, { recursive: true });
    },
  };
}

async function startBehind(socket: string): Promise<Pcscd> {
  const pcscd = await startPcscd();
  await symlink(pcscd.env.PCSCLITE_CSOCK_NAME ?? assert.fail(), `${socket}.new`);
  await rename(`${socket}.new`, socket);
  process.env.PCSCLITE_CSOCK_NAME = socket;
  return pcscd;
}
