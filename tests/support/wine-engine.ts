/** The engine under Wine, as the module starts it; a test speaks JSON-RPC to it. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { connectToEngine, type EngineConnection } from '../../build/engine-client.js';
import { assemblePackage } from '../../build/package/assemble.js';
import { root } from '../../build/root.js';
import { bundleForWine, windowsNode } from './wine-node.js';
import type { Wine } from './wine.js';

export interface WineEngine extends EngineConnection {
  /** What the engine has written to standard error. */
  errors(): string;
  /** Ends the engine by the end of its input, if it hasn't ended; resolves with its exit code. */
  end(): Promise<number | null>;
}

/** How long an engine may take to start, and how long it may live (ms). */
const startLimit = 60_000;
const lifeLimit = 300_000;

/** Starts an engine of its own. Without a script (Linux path) it is the one in the package for Windows. */
export async function startEngine(wine: Wine, given: string | null = null): Promise<WineEngine> {
  const driver = await bundleForWine(wine, 'tests/support/wine-engine-script.ts');
  const script = given ?? (await packagedEngine(wine));
  const node = await windowsNode();
  const folder = mkdtempSync(join(wine.folder, 'engine-'));
  const errorFile = join(folder, 'errors');
  writeFileSync(errorFile, '');
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const port = await listeningPort(server);
  const child = wine.start(node, [
    ...[wine.path(driver), String(port), wine.path(script), wine.path(errorFile)],
    keptVariables().join(','),
  ]);
  const ended = once(child, 'exit');
  const life = setTimeout(() => child.kill('SIGKILL'), lifeLimit).unref();
  const socket = await accept(server, ended);
  // An engine that has ended by itself: what is asked of it fails.
  socket.once('end', () => socket.destroy());
  return {
    ...connectToEngine(socket, socket),
    errors: () => readFileSync(errorFile, 'utf8'),
    async end() {
      socket.end();
      await ended;
      clearTimeout(life);
      return child.exitCode;
    },
  };
}

const packages = new Map<string, Promise<string>>();

/**
 * The script of the engine in the package for Windows, which is made once for each Wine. The node.exe in it is too new for Wine: another
 * one runs the engine.
 */
function packagedEngine(wine: Wine): Promise<string> {
  const made =
    packages.get(wine.folder) ??
    assemblePackage('win32-x64', join(wine.folder, 'package')).then(({ folder }) =>
      join(folder, 'engine', 'certprop.cjs'),
    );
  packages.set(wine.folder, made);
  return made;
}

/** What the module lets the engine have of its own environment. */
function keptVariables(): string[] {
  const script = readFileSync(join(root, 'module', 'private', 'EngineEnvironment.ps1'), 'utf8');
  const [, list = ''] = /\$script:keptVariables = @\(([^)]*)\)/u.exec(script) ?? [];
  const names = [...list.matchAll(/'(\w+)'/gu)].map(([, name = '']) => name);
  if (names.length === 0) throw new Error('EngineEnvironment.ps1 has no list of kept variables');
  return names;
}

async function listeningPort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

async function accept(server: Server, ended: Promise<unknown>): Promise<Socket> {
  const limit = AbortSignal.timeout(startLimit);
  const connected = once(server, 'connection', { signal: limit }).then(([socket]) => socket as Socket);
  const refused = ended.then(() => Promise.reject(new Error("The engine's driver ended at once")));
  try {
    return await Promise.race([connected, refused]);
  } finally {
    server.close();
  }
}
