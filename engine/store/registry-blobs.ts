/** Store entries as they lie in the registry: `SystemCertificates\<store>\Certificates\<THUMBPRINT>`, value `Blob`; read-only. */
import { loadKoffi } from '../native/koffi.js';
import { loadSystemLibrary } from '../native/system-library.js';
import type { StoreLocation } from './place.js';
import { maxElementBytes } from './serialized.js';
import type { StoreIdentity } from './windows-error.js';

export interface RegistryBlobs {
  /** The entries' thumbprints, upper-case hex; none where the key is missing or may not be read. */
  thumbprints(store: StoreIdentity): readonly string[];
  /** The serialized element; null when there is none that may be read. */
  blob(store: StoreIdentity, thumbprint: string): Uint8Array | 'tooLarge' | null;
}

/** winreg.h, winnt.h, winerror.h. HKEY is a sign-extended 32-bit number. */
const hive: Readonly<Record<StoreLocation, number>> = {
  CurrentUser: 0x8000_0001 | 0,
  LocalMachine: 0x8000_0002 | 0,
};
const KEY_ENUMERATE_SUB_KEYS = 8;
const RRF_RT_REG_BINARY = 8;
const ERROR_SUCCESS = 0;
const ERROR_MORE_DATA = 234;
/** Key names have at most 255 characters. */
const nameUnits = 256;

let loading: Promise<RegistryBlobs> | undefined;

export function loadRegistryBlobs(): Promise<RegistryBlobs> {
  loading ??= declareFunctions();
  return loading;
}

async function declareFunctions(): Promise<RegistryBlobs> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const inoutDword = koffi.inout(koffi.pointer('uint32_t'));
  const outHandle = koffi.out(koffi.pointer('intptr_t'));
  type Native = (...values: readonly unknown[]) => number;
  const openKey: Native = advapi32.func('__stdcall', 'RegOpenKeyExW', 'int', [
    ...['intptr_t', 'str16', 'uint32_t', 'uint32_t'],
    outHandle,
  ]);
  const enumKey: Native = advapi32.func('__stdcall', 'RegEnumKeyExW', 'int', [
    ...['intptr_t', 'uint32_t', 'void *'],
    inoutDword,
    ...['void *', 'void *', 'void *', 'void *'],
  ]);
  const closeKey: Native = advapi32.func('__stdcall', 'RegCloseKey', 'int', ['intptr_t']);
  const getValue: Native = advapi32.func('__stdcall', 'RegGetValueW', 'int', [
    ...['intptr_t', 'str16', 'str16', 'uint32_t', 'void *', 'void *'],
    inoutDword,
  ]);

  const nameAt = (key: number | bigint, index: number): string | null => {
    const buffer = Buffer.alloc(2 * nameUnits);
    const units: [number] = [nameUnits];
    const result = enumKey(key, index, buffer, units, null, null, null, null);
    return result === ERROR_SUCCESS ? buffer.toString('utf16le', 0, 2 * units[0]) : null;
  };

  return {
    thumbprints(store) {
      const key: [number | bigint] = [0];
      if (openKey(hive[store.location], keyOf(store), 0, KEY_ENUMERATE_SUB_KEYS, key) !== ERROR_SUCCESS)
        return [];
      const names: string[] = [];
      for (let name = nameAt(key[0], 0); name !== null; name = nameAt(key[0], names.length)) names.push(name);
      closeKey(key[0]);
      return names.filter((name) => /^[0-9A-F]{40}$/iu.test(name)).map((name) => name.toUpperCase());
    },

    blob(store, thumbprint) {
      const path = `${keyOf(store)}\\${thumbprint}`;
      const buffer = Buffer.alloc(maxElementBytes);
      const length: [number] = [buffer.length];
      const result = getValue(hive[store.location], path, 'Blob', RRF_RT_REG_BINARY, null, buffer, length);
      if (result === ERROR_MORE_DATA) return 'tooLarge';
      return result === ERROR_SUCCESS ? buffer.subarray(0, length[0]) : null;
    },
  };
}

function keyOf({ name }: StoreIdentity): string {
  return `Software\\Microsoft\\SystemCertificates\\${name}\\Certificates`;
}
