/** A resource manager whose readers and service do as they are told, for what no pcscd and no Wine can be made to do. */
import { EventEmitter, once } from 'node:events';
import { type PcscPlatform, pcscPlatform } from '../../engine/pcsc/platform.js';
import { type KnownReader, type Winscard, pnpReader, readerState } from '../../engine/pcsc/winscard.js';

export interface FakeManager {
  readonly winscard: Partial<Winscard>;
  /** What each wait was told of the readers. */
  readonly asked: (readonly KnownReader[])[];
  /** Contexts that are held. */
  readonly contexts: ReadonlySet<unknown>;
  /** Readers that Windows counts and doesn't list, as those of another user. */
  hiddenReaders: number;
  /** Calls that SCardCancel doesn't end, because they haven't begun to wait. */
  deafCancellations: number;
  plug(readerName: string): void;
  unplug(readerName: string): void;
  /** Each of these happens in the reader, and then whoever waits is woken. */
  happen(readerName: string, ...kinds: readonly ('Inserted' | 'Removed')[]): void;
  /** A code that every call gives; null as long as the service runs. */
  fail(code: number | null): void;
  /** Resolves when a call waits. */
  waiting(): Promise<void>;
}

interface FakeReader {
  present: boolean;
  events: number;
}

export function fakeManager(platform: PcscPlatform = pcscPlatform('win32', 'x64')): FakeManager {
  const readers = new Map<string, FakeReader>();
  const contexts = new Set<unknown>();
  const asked: (readonly KnownReader[])[] = [];
  const bell = new EventEmitter().setMaxListeners(0);
  let failure: number | null = null;
  let cancelled = false;
  let waitingCalls = 0;
  let handles = 0;

  const fake = { hiddenReaders: 0, deafCancellations: 0 };

  function stateOf({ readerName }: KnownReader): number {
    if (readerName === pnpReader) {
      const counts = platform.family === 'Windows' ? readers.size + fake.hiddenReaders : 0;
      return (counts << 16) >>> 0;
    }
    const { present, events } = readers.get(readerName) ?? { present: false, events: 0 };
    const count = platform.family === 'macOS' ? 0 : events << 16;
    return (count | (present ? readerState.present : readerState.empty)) >>> 0;
  }

  function reader(readerName: string): FakeReader {
    const found = readers.get(readerName);
    if (!found) throw new Error(`There is no reader ${readerName}`);
    return found;
  }

  async function getStatusChanges(
    _context: unknown,
    known: readonly KnownReader[],
  ): Promise<{ code: number; states: readonly number[] }> {
    asked.push(known);
    const counted = readers.size;
    for (;;) {
      if (failure !== null) return { code: failure, states: [] };
      if (cancelled) {
        cancelled = false;
        return { code: 0x80100002, states: [] };
      }
      if (known.some(({ readerName }) => readerName !== pnpReader && !readers.has(readerName))) {
        return { code: 0x80100009, states: [] };
      }
      const now = known.map(stateOf);
      const isOther = (entry: KnownReader, index: number): boolean =>
        entry.state !== now[index] && (entry.readerName !== pnpReader || platform.family === 'Windows');
      if (known.some(isOther) || readers.size !== counted) {
        const changed = (state: number, index: number): number =>
          known[index]?.state === state ? state : (state | readerState.changed) >>> 0;
        return { code: 0, states: now.map(changed) };
      }
      if (platform.family === 'macOS') return { code: 0x8010000a, states: now };
      waitingCalls += 1;
      const rung = once(bell, 'ring');
      bell.emit('waiting');
      await rung;
      waitingCalls -= 1;
    }
  }

  return Object.assign(fake, {
    asked,
    contexts,
    winscard: {
      platform,
      establishContext() {
        if (failure !== null) return Promise.resolve({ code: failure, context: 0 });
        contexts.add((handles += 1));
        return Promise.resolve({ code: 0, context: handles });
      },
      releaseContext(context) {
        contexts.delete(context);
        return Promise.resolve(0);
      },
      listReaders: () =>
        Promise.resolve({
          code: failure ?? (readers.size === 0 ? 0x8010002e : 0),
          names: failure === null ? [...readers.keys()] : [],
        }),
      getStatusChanges,
      cancel() {
        if (fake.deafCancellations > 0) fake.deafCancellations -= 1;
        else {
          cancelled = waitingCalls > 0;
          bell.emit('ring');
        }
        return Promise.resolve(0);
      },
      watchService: () => ({
        async changed(signal) {
          while (failure !== null && !signal.aborted)
            await once(bell, 'ring', { signal }).catch(() => undefined);
        },
        close: () => undefined,
      }),
    } satisfies Partial<Winscard>,
    plug(readerName: string) {
      readers.set(readerName, { present: false, events: 0 });
      bell.emit('ring');
    },
    unplug(readerName: string) {
      readers.delete(readerName);
      bell.emit('ring');
    },
    happen(readerName: string, ...kinds: readonly ('Inserted' | 'Removed')[]) {
      const found = reader(readerName);
      for (const kind of kinds) {
        found.present = kind === 'Inserted';
        found.events = (found.events + 1) & 0xffff;
      }
      bell.emit('ring');
    },
    fail(code: number | null) {
      failure = code;
      bell.emit('ring');
    },
    async waiting() {
      while (waitingCalls === 0) await once(bell, 'waiting');
    },
  });
}
