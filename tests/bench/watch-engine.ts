/** The product's engine that watches for cards, as `Watch-CertPropagation -RemoveOnCardRemoval` has it. */
import { setTimeout as delay } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { plainWatch, type EngineClient } from '../../build/engine-client.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { startWarmEngine } from './engine.js';

export interface WatchingEngine {
  readonly engine: EngineClient;
  readonly storePath: string;
  /**
   * What the watch tells next, in short: `Inserted <reader>`, `Removed <reader>` or `<action> <store>`. Skips nothing; null after 10 s of
   * silence, or when the watch has ended.
   */
  next(): Promise<string | null>;
  /** The next so many of them; silence ends it. */
  take(count: number): Promise<string[]>;
  end(): Promise<void>;
}

const longestSilence = 10_000;

export async function startWatchingEngine(): Promise<WatchingEngine> {
  const warm = await startWarmEngine();
  const { engine, storePath } = warm;
  const told: string[] = [];
  let wake = (): void => undefined;
  const stop = new CancellationTokenSource();
  const ended = engine
    .request(
      'watch/run',
      {
        ...{ ...plainWatch, storePlace: { kind: 'Folder', path: storePath }, storeName: 'My' },
        // What is stored goes with its card: each insertion stores it anew.
        removeOnCardRemoval: true,
      },
      (event) => {
        told.push(inShort(event));
        wake();
      },
      stop.token,
    )
    .then(
      () => undefined,
      () => undefined,
    );

  /** Resolves with the next event, or when there is none. */
  async function woken(): Promise<void> {
    const waited = new AbortController();
    const event = new Promise<void>((resolve) => (wake = resolve));
    const silence = delay(longestSilence, undefined, { signal: waited.signal });
    await Promise.race([event, ended, silence]);
    waited.abort();
  }

  async function next(): Promise<string | null> {
    if (told.length === 0) await woken();
    return told.shift() ?? null;
  }

  return {
    engine,
    storePath,
    next,
    async take(count) {
      const taken: string[] = [];
      while (taken.length < count) {
        const event = await next();
        if (event === null) break;
        taken.push(event);
      }
      return taken;
    },
    async end() {
      stop.cancel();
      await ended;
      await warm.end();
    },
  };
}

function inShort(event: StreamEvent): string {
  if (event.kind === 'change') return `${event.change} ${event.readerName}`;
  if (event.kind === 'result') return `${event.result.action} ${event.result.store}`;
  return 'error' in event ? `${event.kind} ${event.error.id}` : event.kind;
}
