/** Waiting for the system's smart card service: as an event where there is one. */
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PcscPlatform } from './platform.js';
import { orAborted } from './waiting.js';
import { serviceStarted } from './windows-service.js';

export interface ServiceWatch {
  /** Resolves when something has happened, since this watch began, that may have brought the service back; or with the signal. */
  changed(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Between two attempts where no event tells of the service (ms). */
const retryMilliseconds = 3000;
/** A starting pcscd makes its socket, then listens, then sets its mode: what happens within this time is one change (ms). */
const quietMilliseconds = 50;

/** pcsclite.h, PCSCLITE_CSOCK_NAME, with the prefix that distributions build with. */
const pcscdSocket = '/run/pcscd/pcscd.comm';

export function serviceWatcher(family: PcscPlatform['family']): () => ServiceWatch {
  switch (family) {
    case 'Windows':
      return () => ({ changed: serviceStarted, close: () => undefined });
    case 'pcsc-lite':
      return () => watchFolder(dirname(process.env.PCSCLITE_CSOCK_NAME ?? pcscdSocket));
    case 'macOS':
      return () => ({ changed: pause, close: () => undefined });
  }
}

/** pcscd's socket comes and goes in this folder. */
export function watchFolder(folder: string): ServiceWatch {
  let happened = (): void => undefined;
  const change = new Promise<void>((resolve) => {
    happened = resolve;
  });
  const watcher = openWatcher(folder, happened);
  return {
    async changed(signal) {
      if (watcher === null) return pause(signal);
      await orAborted(change, signal);
      await delay(quietMilliseconds, undefined, { signal }).catch(() => undefined);
    },
    close() {
      watcher?.close();
    },
  };
}

/** Null when the folder can't be watched: it isn't there. */
function openWatcher(folder: string, onChange: () => void): ReturnType<typeof watch> | null {
  try {
    return watch(folder, onChange).on('error', onChange);
  } catch {
    return null;
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(retryMilliseconds, undefined, { signal }).catch(() => undefined);
}
