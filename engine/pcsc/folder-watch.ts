/** The cards that come and go in the embedded readers, whose folders the system watches. */
import { watch } from 'node:fs';
import { type CardStates, changesBetween, noReaders } from './reader-changes.js';
import type { ReaderChange } from './reader.js';
import { orAborted } from './waiting.js';

export interface WatchedFolders {
  /** The folders in which something changes when a reader or a card comes or goes. */
  folders(): Promise<readonly string[]>;
  look(): Promise<CardStates>;
}

/**
 * Reports changes until the signal is aborted.
 * @throws what `watched` throws
 */
export async function watchFolders(
  watched: WatchedFolders,
  report: (change: ReaderChange) => void,
  signal: AbortSignal,
): Promise<void> {
  let known = noReaders;
  let events = watchEach(await watched.folders());
  try {
    while (!signal.aborted) {
      const now = await watched.look();
      for (const change of changesBetween(known, now)) report(change);
      known = now;
      await orAborted(events.happened, signal);
      events.close();
      // Anew, because a folder that was removed and made again is another one. What happens in between is seen by the look.
      events = watchEach(await watched.folders());
    }
  } finally {
    events.close();
  }
}

function watchEach(folders: readonly string[]): { happened: Promise<void>; close: () => void } {
  const closing = new AbortController();
  const happened = new Promise<void>((resolve) => {
    for (const folder of folders) watchOne(folder, resolve, closing.signal);
  });
  return { happened, close: () => closing.abort() };
}

function watchOne(folder: string, onEvent: () => void, signal: AbortSignal): void {
  try {
    watch(folder, { signal }, onEvent).on('error', onEvent);
  } catch {
    // It was removed just now.
    onEvent();
  }
}
