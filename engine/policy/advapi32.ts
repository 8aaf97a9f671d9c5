/** The registry through Windows' own library. */
import { loadSystemLibrary } from '../native/system-library.js';
import type { AskRegistry } from './registry.js';

/** winreg.h: HKEY_LOCAL_MACHINE, sign-extended to a pointer's size as the header has it. */
const HKEY_LOCAL_MACHINE = 0x80000002 | 0;
/** winreg.h: RRF_RT_REG_DWORD, and RRF_SUBKEY_WOW6464KEY for the 64-bit registry whatever this process is. */
const flags = 0x10 | 0x10000;
const numberSize = 4;

export async function connectRegistry(): Promise<AskRegistry> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const regGetValue: (...values: unknown[]) => number = advapi32.func(
    'int32_t __stdcall RegGetValueW(intptr_t root, str16 key, str16 name, uint32_t flags, _Out_ uint32_t *type, void *data, _Inout_ uint32_t *size)',
  );
  return (key, name) => {
    const type = [0];
    const data = Buffer.alloc(numberSize);
    const code = regGetValue(HKEY_LOCAL_MACHINE, key, name, flags, type, data, [numberSize]);
    return { code: code >>> 0, type: type[0] ?? 0, value: data.readUInt32LE(0) };
  };
}
