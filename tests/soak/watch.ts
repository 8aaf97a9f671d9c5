/** A running engine that watches the soak's reader. */
import { EventEmitter, once } from 'node:events';
import { plainWatch, startEngineClient } from '../../build/engine-client.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import type { EngineOptions } from './engine.js';

export interface Watch {
  readonly processId: number;
  /**
   * Waits for results until the condition holds; false if the engine ended before.
   * @throws Error if the engine told of a problem, or nothing for a minute
   */
  until(condition: () => boolean): Promise<boolean>;
  /** Ends the engine if it runs still. */
  end(): Promise<void>;
}

export interface WatchOptions {
  readonly script: string;
  readonly engine: EngineOptions;
  readonly removeOnCardRemoval: boolean;
  readonly onResult: (result: PropagationResult) => void;
}

/** Milliseconds. */
const longestSilence = 60_000;

export function startWatch({ script, engine, removeOnCardRemoval, onResult }: WatchOptions): Watch {
  const arrivals = new EventEmitter();
  const problems: string[] = [];
  let isEnded = false;

  const onEvent = (event: StreamEvent): void => {
    if ('error' in event) problems.push(event.error.message);
    if (event.kind === 'result') {
      if (event.result.action === 'Skipped') problems.push(event.result.detail);
      else onResult(event.result);
    }
    arrivals.emit('arrival');
  };
  const client = startEngineClient(script, { ...process.env, CERTPROP_SOAK: JSON.stringify(engine) });
  const store = { storePlace: { kind: 'Folder', path: engine.storePath }, storeName: 'My' } as const;
  // However it ends, the engine is gone then: nobody cancels it.
  const ended = client
    .request('watch/run', { ...plainWatch, ...store, removeOnCardRemoval }, onEvent)
    .catch(() => undefined)
    .then(() => {
      isEnded = true;
      arrivals.emit('arrival');
    });

  async function arrival(): Promise<void> {
    try {
      await once(arrivals, 'arrival', { signal: AbortSignal.timeout(longestSilence) });
    } catch (error) {
      throw new Error('The engine has told nothing for a minute.', { cause: error });
    }
  }

  return {
    processId: client.processId,
    async until(condition) {
      while (!condition()) {
        if (isEnded) return false;
        await arrival();
        if (problems.length > 0) throw new Error(`The engine told of a problem: ${problems.join(' ')}`);
      }
      return true;
    },
    async end() {
      await client.end();
      await ended;
    },
  };
}
