/** Windows' smart card service (SCardSvr): it starts when a reader is plugged in and stops after the last one is gone. */
import { promisify } from 'node:util';
import { loadSystemLibrary } from '../native/system-library.js';

/** winreg.h: HKEY_LOCAL_MACHINE, whose 32 bits are extended by their sign. */
const localMachine = -0x7ffffffe;
/** winreg.h: RRF_RT_REG_DWORD. */
const dwordOnly = 0x10;
const serviceKey = 'SYSTEM\\CurrentControlSet\\Services\\SCardSvr';
/** winnt.h: SERVICE_DISABLED. */
const disabled = 4;
/** winbase.h: INFINITE; and that an event stays signaled. */
const infinite = 0xffff_ffff;
const manualReset = 1;

/** Whether an administrator has disabled the service: then its absence says nothing of readers. */
export async function isServiceDisabled(): Promise<boolean> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const getValue: (
    root: number,
    key: string,
    name: string,
    flags: number,
    type: null,
    data: Buffer,
    size: [number],
  ) => number = advapi32.func('__stdcall', 'RegGetValueW', 'int32', [
    ...['intptr', 'str16', 'str16', 'uint32', 'void *', 'void *'],
    '_Inout_ uint32 *',
  ]);
  const data = Buffer.alloc(4);
  const code = getValue(localMachine, serviceKey, 'Start', dwordOnly, null, data, [data.length]);
  return code === 0 && data.readUInt32LE() === disabled;
}

/** Waits until the service runs (winscard.h, SCardAccessStartedEvent), off the event loop, or until the signal is aborted. */
export async function serviceStarted(signal: AbortSignal): Promise<void> {
  const winscard = await loadSystemLibrary('winscard.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const accessStarted: () => number = winscard.func('intptr_t __stdcall SCardAccessStartedEvent()');
  const releaseStarted: () => void = winscard.func('void __stdcall SCardReleaseStartedEvent()');
  const createEvent: (...values: unknown[]) => number = kernel32.func(
    'intptr_t __stdcall CreateEventW(void *attributes, int manualReset, int initially, void *name)',
  );
  const setEvent = kernel32.func('int __stdcall SetEvent(intptr_t event)');
  const closeHandle = kernel32.func('int __stdcall CloseHandle(intptr_t handle)');
  const waitForAny = kernel32.func(
    'uint32_t __stdcall WaitForMultipleObjects(uint32_t count, intptr_t *handles, int all, uint32_t milliseconds)',
  );

  const started = accessStarted();
  if (started === 0) return;
  const waiting = promisify<number, readonly number[], number, number, number>(waitForAny.async);
  const stopped = createEvent(null, manualReset, 0, null);
  const stop = (): void => {
    setEvent(stopped);
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    await waiting(2, [started, stopped], 0, infinite);
  } finally {
    signal.removeEventListener('abort', stop);
    closeHandle(stopped);
    releaseStarted();
  }
}
