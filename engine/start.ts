/** What the product's and the demo's engine have in common. */
import { parentPort, workerData } from 'node:worker_threads';
import { readBackup } from './backup/read.js';
import { keepCardCertificate } from './backup/card-certificate.js';
import { newBackup } from './backup/run.js';
import { isElevated } from './files/elevation.js';
import { readCertificateFile, readManagementKeyFile } from './files/given-file.js';
import { defaultPkcs11Module } from './pkcs11/configuration.js';
import { thisMachine } from './machine/machine.js';
import { defaultRdpFile, readRdpFile } from './machine/rdp-file.js';
import { allProfiles } from './profiles/all-profiles.js';
import { findProfiles } from './profiles/find.js';
import { isHiveLoaded } from './profiles/held-key.js';
import { openHiveStore, openProfileStore } from './profiles/open-store.js';
import { currentUser } from './policy/current-user.js';
import { isRemoteSession } from './policy/session.js';
import { readPkcs11 } from './pkcs11/pkcs11.js';
import { exitNow } from './pcsc/native-exit.js';
import { parseArguments, type EngineArguments } from './rpc/arguments.js';
import { createHandlers } from './rpc/handlers.js';
import { startLifetime } from './rpc/lifetime.js';
import type { Wanted } from './rpc/profile-looking.js';
import { serveProfileThread } from './rpc/profile-thread.js';
import { startProfileThreads } from './rpc/profile-threads.js';
import { serve } from './rpc/server.js';
import { claimStandardOutput, standardError } from './rpc/stdio.js';
import type { World } from './rpc/world.js';
import { openStore } from './store/open-store.js';
import { entriesIn } from './store/source.js';
import { version } from './version.js';

/** The exit code for a command line that is not understood. */
const usageExitCode = 64;

/** What differs between the entry files; the providers and the cache are those that know these readers' cards. */
type Outside = Pick<World, 'readers' | 'keyProviders' | 'cardCache' | 'policies'>;

/**
 * Serves requests about the cards in these readers, under these policies, until standard input ends. In a thread of the engine, which
 * runs the same entry file, it looks through profiles.
 */
export function startEngine(outside: Outside): void {
  if (parentPort === null) serveClient(outside);
  else serveProfileThread(parentPort, workerData as Wanted, { openProfileStore, hives });
}

const hives = { isLoaded: isHiveLoaded, openStore: openHiveStore };

function serveClient(outside: Outside): void {
  const output = claimStandardOutput();
  const { readers } = outside;
  const lifetime = startLifetime({ ...commandLine(), settled: () => readers.settled(), exitNow });
  const handlers = createHandlers({
    ...outside,
    ...{ isElevated, isRemoteSession, currentUser, openStore, entriesIn, readPkcs11, version, now: Date.now },
    ...{ machine: thisMachine(), readRdpFile, defaultRdpFile },
    ...{ findProfiles, allProfiles, openProfileStore, readBackup },
    hives,
    startProfileThreads: (wanted, signal) => startProfileThreads(process.argv[1] ?? '', wanted, signal),
    newBackup: (folder) => newBackup(folder, Date.now),
    keepCardCertificate: (folder, certificate) => keepCardCertificate(folder, certificate, Date.now()),
    ...{ readCertificateFile, readManagementKeyFile },
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
