/** What the work on a card does to its transaction: cancelling, writes, and the reset at the end. */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from './reader.js';
import type { Transaction } from './transaction.js';
import type { UnderWay } from './waiting.js';

export interface CardWork {
  readonly connection: SmartCardConnection;
  /** Another program reset the card, and nothing had been written. */
  isRepeatable(): boolean;
  /** Closes the transaction as the work asked for. */
  end(): Promise<void>;
}

/** @param unfinished counts the writes, and the cards that still have to be reset */
export function cardWork(
  transaction: Transaction,
  readerName: string,
  signal: AbortSignal,
  unfinished: UnderWay,
): CardWork {
  let writing = 0;
  let hasWritten = false;
  let wasReset = false;
  let resetDone: (() => void) | undefined;

  const connection: SmartCardConnection = {
    readerName,
    atr: transaction.atr,

    async transmit(command) {
      if (writing === 0) signal.throwIfAborted();
      try {
        return await transaction.transmit(command);
      } catch (error) {
        wasReset ||= error instanceof CertPropError && error.id === 'CardReset';
        throw error;
      }
    },

    resetAtEnd() {
      resetDone ??= unfinished.begin();
    },

    async uninterrupted(write) {
      signal.throwIfAborted();
      const done = unfinished.begin();
      hasWritten = true;
      writing += 1;
      try {
        return await write();
      } finally {
        writing -= 1;
        done();
      }
    },
  };

  return {
    connection,
    isRepeatable: () => wasReset && !hasWritten,
    async end() {
      try {
        await transaction.close({ reset: resetDone !== undefined });
      } finally {
        resetDone?.();
      }
    },
  };
}
