/** Waiting for the end of another process without looking for it again and again. */
import { promisify } from 'node:util';
import { loadKoffi } from './koffi.js';

/** A process that is held fast: its id may go to another one, this still means the first. */
export interface OpenedProcess {
  /** Waits on a thread of libuv's pool, which is blocked meanwhile. False when the wait ended before the process did. */
  ended(): Promise<boolean>;
}

/** asm-generic/unistd.h: pidfd_open(2), the same number on every architecture that Node.js runs on; Linux 5.3. */
const pidfdOpen = 434;
/** poll.h: struct pollfd has an int, then two shorts: what is waited for and what came. */
const pollfdBytes = 8;
const eventsAt = 4;
const cameAt = 6;
const pollIn = 1;
const forever = -1;

/**
 * Null where the system has no such thing, or doesn't let this process wait for that one. Never closed: it is held to the end. Linux
 * only: under Wine a wait for a process handle on such a thread ended node.exe with an access violation some seconds later.
 */
export async function openProcess(processId: number): Promise<OpenedProcess | null> {
  if (process.platform !== 'linux') return null;
  const koffi = await loadKoffi();
  const libc = koffi.load(null);
  const systemCall: (number: number, processId: number, flags: number) => number = libc.func(
    'long syscall(long number, long processId, long flags)',
  );
  const poll = libc.func('int poll(void *descriptors, unsigned long count, int milliseconds)');
  const descriptor = systemCall(pidfdOpen, processId, 0);
  if (descriptor < 0) return null;
  return {
    async ended() {
      const polled = Buffer.alloc(pollfdBytes);
      polled.writeInt32LE(descriptor);
      polled.writeInt16LE(pollIn, eventsAt);
      await promisify<Buffer, number, number, number>(poll.async)(polled, 1, forever);
      // Reading it also keeps the buffer until the call is done with it.
      return (polled.readInt16LE(cameAt) & pollIn) !== 0;
    },
  };
}
