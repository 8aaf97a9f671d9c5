/** A PC/SC library that answers as it is told: for return codes that no reader gives on demand, and for those of Windows. */
import { pcscPlatform } from '../../engine/pcsc/platform.js';
import { type Winscard, readerState } from '../../engine/pcsc/winscard.js';

export interface FakeWinscard {
  readonly winscard: Winscard;
  /** The calls so far, with the dispositions and the commands in hex. */
  readonly calls: string[];
}

/** One reader with a card that answers 9000 to everything, but for what is replaced. */
export function fakeWinscard(replaced: Partial<Winscard> = {}): FakeWinscard {
  const calls: string[] = [];
  let handles = 0;
  const ordinary: Winscard = {
    platform: pcscPlatform('linux', 'x64'),
    isServiceDisabled: () => Promise.resolve(false),
    establishContext: () => Promise.resolve({ code: 0, context: (handles += 1) }),
    releaseContext: () => Promise.resolve(0),
    listReaders: () => Promise.resolve({ code: 0, names: ['Reader A'] }),
    getStatusChange: (_context, _readerName, knownState) =>
      Promise.resolve(
        knownState === readerState.unaware
          ? { code: 0, state: readerState.present, atr: Uint8Array.of(0x3b, 0) }
          : { code: 0x8010000a, state: knownState, atr: Uint8Array.of(0x3b, 0) },
      ),
    getStatusChanges: () => new Promise(() => undefined),
    cancel: () => Promise.resolve(0),
    watchService: () => ({ changed: () => new Promise(() => undefined), close: () => undefined }),
    connect: () => Promise.resolve({ code: 0, card: (handles += 1), protocol: 2 }),
    disconnect: () => Promise.resolve(0),
    beginTransaction: () => Promise.resolve(0),
    endTransaction: () => Promise.resolve(0),
    transmit(_card, _protocol, _command, response) {
      response.writeUInt16BE(0x9000);
      return Promise.resolve({ code: 0, length: 2 });
    },
    readCache: null,
  };
  const told = { ...ordinary, ...replaced };
  return {
    calls,
    winscard: {
      ...told,
      disconnect(card, disposition) {
        calls.push(`disconnect ${disposition}`);
        return told.disconnect(card, disposition);
      },
      beginTransaction(card) {
        calls.push('begin');
        return told.beginTransaction(card);
      },
      endTransaction(card, disposition) {
        calls.push(`end ${disposition}`);
        return told.endTransaction(card, disposition);
      },
      transmit(card, protocol, command, response) {
        calls.push(`transmit ${Buffer.from(command).toString('hex')}`);
        return told.transmit(card, protocol, command, response);
      },
      releaseContext(context) {
        calls.push('release');
        return told.releaseContext(context);
      },
    },
  };
}

/** Gives one answer after the other, and the last one from then on. */
export function inOrder<T>(...answers: [T, ...T[]]): () => Promise<T> {
  let next = 0;
  return () => {
    const answer = answers[Math.min(next, answers.length - 1)] ?? answers[0];
    next += 1;
    return Promise.resolve(answer);
  };
}

/** A promise and what resolves it. */
export function pending<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve = (_value: T): void => undefined;
  const promise = new Promise<T>((resolved) => {
    resolve = resolved;
  });
  return { promise, resolve };
}
