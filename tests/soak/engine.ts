/**
 * The soak's engine: the real one over embedded readers, under a policy that cleans roots up when their card is removed. It kills itself at
 * the write to a store that it is told to. Its options are in the environment variable CERTPROP_SOAK, as JSON.
 */
import { writeFileSync } from 'node:fs';
import { embeddedReaders } from '../../engine/pcsc/embedded.js';
import { startEngine } from '../../engine/start.js';
import { loadCardFile } from '../../engine/virtual/card-file.js';
import type { Hook } from './hooks.js';
import { tellStoreWrites } from './store-writes.js';

export interface EngineOptions {
  /** The readers' folder. */
  readonly readers: string;
  readonly storePath: string;
  readonly kill: Kill | null;
}

export interface Kill {
  readonly hook: Hook;
  /** 1: the first time that the engine comes to it. */
  readonly time: number;
  /** The file that says at which hook the engine killed itself. */
  readonly journal: string;
}

const { readers, storePath, kill } = JSON.parse(process.env.CERTPROP_SOAK ?? '') as EngineOptions;

if (kill !== null) {
  let left = kill.time;
  tellStoreWrites(storePath, (hook) => {
    if (hook !== kill.hook) return;
    left -= 1;
    if (left > 0) return;
    writeFileSync(kill.journal, hook);
    process.kill(process.pid, 'SIGKILL');
  });
}

startEngine({
  readers: embeddedReaders(readers, loadCardFile),
  ...{ keyProviders: null, cardCache: null },
  policies: {
    read: () =>
      Promise.resolve({
        place: { kind: 'File', file: '/soak/policy.json' },
        given: new Map([['RootCertificateCleanupOption', 1]]),
      }),
  },
});
