/** ncrypt.dll's functions (ncrypt.h) as far as a smart card's containers are read with them, always silently. */
import { loadKoffi } from '../native/koffi.js';
import { openSystemLibrary } from '../native/system-library.js';
import type { StoreName } from './messages.js';
import { ProviderError, requireHandle } from './provider-error.js';

/** NCRYPT_HANDLE. */
export type Handle = number | bigint;

export interface Ncrypt {
  openProvider(name: string): Handle;
  /** The names of the keys, in turn. @throws ProviderError after the last that could be had */
  keyNames(provider: Handle, scope: string): Generator<string>;
  openKey(provider: Handle, name: string): Handle;
  /** @throws ProviderError also for a value that is longer */
  property(key: Handle, name: string, mostBytes: number): Uint8Array;
  exportKey(key: Handle, blobType: string, mostBytes: number): Uint8Array;
  /** Has the provider give what is of this reader only. False where it refuses, for whatever reason. */
  limitToReader(provider: Handle, readerName: string): boolean;
  /** An HCERTSTORE, to be closed by the caller, before the provider is freed. */
  certificateStore(provider: Handle, name: StoreName): Handle;
  free(object: Handle): void;
}

const NCRYPT_SILENT_FLAG = 0x40;
const NTE_NO_MORE_ITEMS = 0x8009002a;
const readerProperty = 'SmartCardReader';
/** NCRYPT_USER_CERTSTORE_PROPERTY, NCRYPT_ROOT_CERTSTORE_PROPERTY. */
const storeProperties: Readonly<Record<StoreName, string>> = {
  User: 'SmartCardUserCertStore',
  Root: 'SmartcardRootCertStore',
};

export async function loadNcrypt(): Promise<Ncrypt> {
  const koffi = await loadKoffi();
  const ncrypt = openSystemLibrary(koffi, 'ncrypt.dll');
  const keyName = koffi.struct({ pszName: 'str16', pszAlgid: 'void *', keySpec: 'uint32', flags: 'uint32' });
  const declare = (name: string, parameters: string): ((...values: unknown[]) => number) =>
    ncrypt.func(`int32_t __stdcall ${name}(${parameters})`);

  const openStorageProvider = declare(
    'NCryptOpenStorageProvider',
    '_Out_ uintptr_t *provider, str16 name, uint32_t flags',
  );
  const enumKeys = declare(
    'NCryptEnumKeys',
    'uintptr_t provider, str16 scope, _Out_ void **key, _Inout_ void **state, uint32_t flags',
  );
  const openKey = declare(
    'NCryptOpenKey',
    'uintptr_t provider, _Out_ uintptr_t *key, str16 name, uint32_t keySpec, uint32_t flags',
  );
  const getProperty = declare(
    'NCryptGetProperty',
    'uintptr_t object, str16 name, void *value, uint32_t size, _Out_ uint32_t *length, uint32_t flags',
  );
  const getHandle = declare(
    'NCryptGetProperty',
    'uintptr_t object, str16 name, _Out_ intptr_t *value, uint32_t size, _Out_ uint32_t *length, uint32_t flags',
  );
  const handleBytes = koffi.sizeof('intptr_t');
  const setProperty = declare(
    'NCryptSetProperty',
    'uintptr_t object, str16 name, const void *value, uint32_t size, uint32_t flags',
  );
  const exportKey = declare(
    'NCryptExportKey',
    'uintptr_t key, uintptr_t exportKey, str16 type, void *parameters, void *blob, uint32_t size, _Out_ uint32_t *length, uint32_t flags',
  );
  const freeBuffer = declare('NCryptFreeBuffer', 'void *buffer');
  const freeObject = declare('NCryptFreeObject', 'uintptr_t object');

  return {
    openProvider: (name) =>
      opened('NCryptOpenStorageProvider', (handle) => openStorageProvider(handle, name, 0)),

    *keyNames(provider, scope) {
      const state: [bigint | null] = [null];
      try {
        for (;;) {
          const key: [bigint | null] = [null];
          const status = enumKeys(provider, scope, key, state, NCRYPT_SILENT_FLAG);
          if (status >>> 0 === NTE_NO_MORE_ITEMS) return;
          requireSuccess('NCryptEnumKeys', status);
          const name = nameOf(key[0]);
          freeBuffer(key[0]);
          yield name;
        }
      } finally {
        if (state[0] !== null) freeBuffer(state[0]);
      }
    },

    openKey: (provider, name) =>
      opened('NCryptOpenKey', (handle) => openKey(provider, handle, name, 0, NCRYPT_SILENT_FLAG)),

    property: (key, name, mostBytes) =>
      filled(`NCryptGetProperty (${name})`, mostBytes, (buffer, length) =>
        getProperty(key, name, buffer, mostBytes, length, NCRYPT_SILENT_FLAG),
      ),

    exportKey: (key, type, mostBytes) =>
      filled(`NCryptExportKey (${type})`, mostBytes, (buffer, length) =>
        exportKey(key, 0, type, null, buffer, mostBytes, length, NCRYPT_SILENT_FLAG),
      ),

    limitToReader(provider, readerName) {
      const value = Buffer.from(`${readerName}\0`, 'utf16le');
      return setProperty(provider, readerProperty, value, value.length, NCRYPT_SILENT_FLAG) === 0;
    },

    certificateStore(provider, name) {
      const store: [Handle] = [0];
      const length: [number] = [0];
      const property = storeProperties[name];
      const call = `NCryptGetProperty (${property})`;
      requireSuccess(call, getHandle(provider, property, store, handleBytes, length, NCRYPT_SILENT_FLAG));
      return requireHandle(call, store[0], length[0], handleBytes);
    },

    free: (object) => {
      freeObject(object);
    },
  };

  function nameOf(key: bigint | null): string {
    if (key === null) throw new ProviderError('gives a key without a name');
    const { pszName } = koffi.decode(key, keyName) as { pszName: string | null };
    return pszName ?? '';
  }
}

function opened(name: string, open: (handle: [Handle]) => number): Handle {
  const handle: [Handle] = [0];
  requireSuccess(name, open(handle));
  return handle[0];
}

function filled(
  name: string,
  mostBytes: number,
  fill: (buffer: Uint8Array, length: [number]) => number,
): Uint8Array {
  const buffer = new Uint8Array(mostBytes);
  const length: [number] = [0];
  requireSuccess(name, fill(buffer, length));
  if (length[0] > mostBytes)
    throw new ProviderError(`claims ${length[0]} bytes in ${name}; at most ${mostBytes} are read`);
  return buffer.subarray(0, length[0]);
}

/** ERROR_SUCCESS is 0. */
function requireSuccess(name: string, status: number): void {
  if (status !== 0) throw ProviderError.ofFunction(name, status);
}
