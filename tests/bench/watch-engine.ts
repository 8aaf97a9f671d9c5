/** The product's engine that watches for cards, as `Watch-CertPropagation -RemoveOnCardRemoval` has it. */
import { setTimeout as delay } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { EngineClient } from '../../build/engine-client.js';
import type { Parameters, StreamEvent } from '../../engine/rpc/contract.js';
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

/** What is stored goes with its card, so that each insertion stores it anew. */
const options: Omit<Parameters<'watch/run'>, 'storePlace' | 'progressToken'> = {
  ...{ trace: 'None', readers: null, storeName: 'My', allSlots: false, pkcs11Module: null },
  ...{ keyProvider: 'Auto', ignorePolicy: false, allowUnlinked: false, includeIntermediate: false },
  ...{ includeRemote: false, scope: null, removeOnCardRemoval: true, whatIf: false, milliseconds: null },
};

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
      { ...options, storePlace: { kind: 'Folder', path: storePath } },
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
