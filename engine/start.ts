/** What the product's and the demo's engine have in common. */
import { defaultPkcs11Module } from './pkcs11/configuration.js';
import { readPkcs11 } from './pkcs11/pkcs11.js';
import { exitNow } from './pcsc/native-exit.js';
import type { SmartCardReaders } from './pcsc/reader.js';
import type { KeyProviders } from './provider/provider.js';
import { parseArguments, type EngineArguments } from './rpc/arguments.js';
import { createHandlers } from './rpc/handlers.js';
import { startLifetime } from './rpc/lifetime.js';
import { serve } from './rpc/server.js';
import { claimStandardOutput, standardError } from './rpc/stdio.js';
import { openStore } from './store/open-store.js';
import { version } from './version.js';

/** The exit code for a command line that is not understood. */
const usageExitCode = 64;

/** Serves requests about the cards in these readers until standard input ends. The providers are those that know these readers. */
export function startEngine(readers: SmartCardReaders, keyProviders: KeyProviders | null): void {
  const output = claimStandardOutput();
  const lifetime = startLifetime({ ...commandLine(), settled: () => readers.settled(), exitNow });
  const handlers = createHandlers({
    ...{ readers, keyProviders, openStore, readPkcs11, version, now: Date.now },
    defaultPkcs11Module: () => defaultPkcs11Module(),
  });
  serve({ handlers, input: process.stdin, output, lifetime });
}

function commandLine(): EngineArguments {
  try {
    return parseArguments(process.argv.slice(2));
  } catch (error) {
    standardError().write(`${error instanceof Error ? error.message : String(error)}\n`);
    return process.exit(usageExitCode);
  }
}
