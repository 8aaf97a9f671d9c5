/** Windows' smart card service (SCardSvr): it starts when a reader is plugged in and stops after the last one is gone. */
import { loadSystemLibrary } from '../native/system-library.js';

/** winreg.h: HKEY_LOCAL_MACHINE, whose 32 bits are extended by their sign. */
const localMachine = -0x7ffffffe;
/** winreg.h: RRF_RT_REG_DWORD. */
const dwordOnly = 0x10;
const serviceKey = 'SYSTEM\\CurrentControlSet\\Services\\SCardSvr';
/** winnt.h: SERVICE_DISABLED. */
const disabled = 4;
/** winbase.h: WAIT_OBJECT_0. */
const signaled = 0;

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

/**
 * Waits until the service runs (winscard.h, SCardAccessStartedEvent), off the event loop and no longer than the time given.
 * @returns whether it runs
 */
export async function serviceStarted(milliseconds: number): Promise<boolean> {
  const winscard = await loadSystemLibrary('winscard.dll');
  const kernel32 = await loadSystemLibrary('kernel32.dll');
  const access: () => unknown = winscard.func('__stdcall', 'SCardAccessStartedEvent', 'void *', []);
  const release: () => void = winscard.func('__stdcall', 'SCardReleaseStartedEvent', 'void', []);
  const wait = kernel32.func('__stdcall', 'WaitForSingleObject', 'uint32', ['void *', 'uint32']);
  const event = access();
  if (event === null) return false;
  try {
    return await new Promise<boolean>((resolve, reject) => {
      wait.async(event, milliseconds, (error: Error | null, result: number) => {
        if (error === null) resolve(result === signaled);
        else reject(error);
      });
    });
  } finally {
    release();
  }
}
