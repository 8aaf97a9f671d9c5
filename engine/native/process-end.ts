/** Waiting for the end of another process without looking for it again and again. */
import { promisify } from 'node:util';
import { type Koffi, loadKoffi } from './koffi.js';
import { loadSystemLibrary } from './system-library.js';

/** A process that is held fast: its id may go to another one, this still means the first. */
export interface OpenedProcess {
  /** Waits on a thread of libuv's pool, which is blocked meanwhile. False when the wait ended before the process did. */
  ended(): Promise<boolean>;
}

/** asm-generic/unistd.h: pidfd_open(2), the same number on every architecture that Node.js runs on; Linux 5.3. */
const pidfdOpen = 434;
/** poll.h: struct pollfd has an int, then two shorts: what is waited for and what came. */
const pollIn = 1;
const forever = -1;

/** winnt.h: SYNCHRONIZE. winbase.h: INFINITE, WAIT_OBJECT_0. */
const synchronize = 0x10_0000;
const infinite = 0xffff_ffff;
const signaled = 0;

/** Null where the system has no such thing, or doesn't let this process wait for that one. Never closed: it is held to the end. */
export async function openProcess(processId: number): Promise<OpenedProcess | null> {
  switch (process.platform) {
    case 'linux':
      return openOnLinux(await loadKoffi(), processId);
    case 'win32':
      return openOnWindows(processId);
    default:
      return null;
  }
}

function openOnLinux(koffi: Koffi, processId: number): OpenedProcess | null {
  const libc = koffi.load(null);
  const systemCall: (number: number, processId: number, flags: number) => number = libc.func(
    'long syscall(long number, long processId, long flags)',
  );
  const poll = libc.func('int poll(void *descriptors, unsigned long count, int milliseconds)');
  const descriptor = systemCall(pidfdOpen, processId, 0);
  if (descriptor < 0) return null;
  return {
    async ended() {
      const polled = Buffer.alloc(8);
      polled.writeInt32LE(descriptor);
      polled.writeInt16LE(pollIn, 4);
      return (await promisify<Buffer, number, number, number>(poll.async)(polled, 1, forever)) === 1;
    },
  };
}

async function openOnWindows(processId: number): Promise<OpenedProcess | null> {
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const open: (access: number, inherit: number, processId: number) => number = kernel32.func(
    'intptr __stdcall OpenProcess(uint32_t access, int inherit, uint32_t processId)',
  );
  const wait = kernel32.func(
    'uint32_t __stdcall WaitForSingleObject(intptr_t handle, uint32_t milliseconds)',
  );
  const opened = open(synchronize, 0, processId);
  if (opened === 0) return null;
  return {
    ended: async () => (await promisify<number, number, number>(wait.async)(opened, infinite)) === signaled,
  };
}
