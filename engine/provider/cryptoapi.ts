/** advapi32.dll's CryptoAPI functions (wincrypt.h) as far as a smart card's containers are read with them, always silently. */
import { baseCsp } from '../certificate/key-link.js';
import { loadKoffi } from '../native/koffi.js';
import { openSystemLibrary } from '../native/system-library.js';
import type { StoreName } from './messages.js';
import { ProviderError, requireHandle } from './provider-error.js';

/** HCRYPTPROV, HCRYPTKEY. */
export type Handle = number | bigint;

export interface CryptoApi {
  /** Opens the reader's card (without a container, no key can be used), or one container of it. */
  acquire(container: string, purpose: 'Enumerate' | 'Container'): Handle;
  release(context: Handle): void;
  /** The names of the containers, in turn. @throws ProviderError after the last that could be had */
  containerNames(context: Handle, longestName: number): Generator<string>;
  cardGuid(context: Handle): Uint8Array;
  /** An HCERTSTORE, to be closed by the caller, before the context is released. */
  certificateStore(context: Handle, name: StoreName): Handle;
  userKey(context: Handle, keySpec: 1 | 2): Handle;
  destroyKey(key: Handle): void;
  certificate(key: Handle, mostBytes: number): Uint8Array;
  publicKey(key: Handle, mostBytes: number): Uint8Array;
}

const PROV_RSA_FULL = 1;
const CRYPT_VERIFYCONTEXT = 0xf0000000;
const CRYPT_SILENT = 0x40;
const PP_ENUMCONTAINERS = 2;
const PP_SMARTCARD_GUID = 45;
/** PP_USER_CERTSTORE, PP_ROOT_CERTSTORE. */
const storeParameters: Readonly<Record<StoreName, number>> = { User: 42, Root: 46 };
const CRYPT_FIRST = 1;
const CRYPT_NEXT = 2;
const KP_CERTIFICATE = 26;
const PUBLICKEYBLOB = 6;
const ERROR_NO_MORE_ITEMS = 259;
const guidBytes = 16;

export async function loadCryptoApi(): Promise<CryptoApi> {
  const koffi = await loadKoffi();
  const advapi32 = openSystemLibrary(koffi, 'advapi32.dll');
  const kernel32 = openSystemLibrary(koffi, 'kernel32.dll');
  const getLastError: () => number = kernel32.func('uint32_t __stdcall GetLastError()');
  const declare = (name: string, parameters: string): ((...values: unknown[]) => number) =>
    advapi32.func(`int32_t __stdcall ${name}(${parameters})`);

  const acquireContext = declare(
    'CryptAcquireContextW',
    '_Out_ uintptr_t *context, str16 container, str16 provider, uint32_t type, uint32_t flags',
  );
  const releaseContext = declare('CryptReleaseContext', 'uintptr_t context, uint32_t flags');
  const getProvParam = declare(
    'CryptGetProvParam',
    'uintptr_t context, uint32_t parameter, void *value, _Inout_ uint32_t *length, uint32_t flags',
  );
  const getProvHandle = declare(
    'CryptGetProvParam',
    'uintptr_t context, uint32_t parameter, _Out_ intptr_t *value, _Inout_ uint32_t *length, uint32_t flags',
  );
  const handleBytes = koffi.sizeof('intptr_t');
  const getUserKey = declare('CryptGetUserKey', 'uintptr_t context, uint32_t keySpec, _Out_ uintptr_t *key');
  const destroyKey = declare('CryptDestroyKey', 'uintptr_t key');
  const getKeyParam = declare(
    'CryptGetKeyParam',
    'uintptr_t key, uint32_t parameter, void *value, _Inout_ uint32_t *length, uint32_t flags',
  );
  const exportKey = declare(
    'CryptExportKey',
    'uintptr_t key, uintptr_t exportKey, uint32_t type, uint32_t flags, void *blob, _Inout_ uint32_t *length',
  );

  /** @throws ProviderError with Windows' last error */
  const requireSuccess = (name: string, isDone: number): void => {
    if (isDone === 0) throw ProviderError.ofFunction(name, getLastError());
  };
  const filled = (
    name: string,
    mostBytes: number,
    fill: (buffer: Uint8Array, length: [number]) => number,
  ): Uint8Array => {
    const buffer = new Uint8Array(mostBytes);
    const length: [number] = [mostBytes];
    requireSuccess(name, fill(buffer, length));
    if (length[0] > mostBytes)
      throw new ProviderError(`claims ${length[0]} bytes in ${name}; at most ${mostBytes} are read`);
    return buffer.subarray(0, length[0]);
  };

  return {
    acquire(container, purpose) {
      const flags = purpose === 'Enumerate' ? CRYPT_VERIFYCONTEXT + CRYPT_SILENT : CRYPT_SILENT;
      const context: [Handle] = [0];
      requireSuccess(
        'CryptAcquireContextW',
        acquireContext(context, container, baseCsp, PROV_RSA_FULL, flags),
      );
      return context[0];
    },

    release: (context) => {
      releaseContext(context, 0);
    },

    *containerNames(context, longestName) {
      for (let flags = CRYPT_FIRST; ; flags = CRYPT_NEXT) {
        let name: Uint8Array;
        try {
          name = filled('CryptGetProvParam (PP_ENUMCONTAINERS)', longestName + 1, (buffer, length) =>
            getProvParam(context, PP_ENUMCONTAINERS, buffer, length, flags),
          );
        } catch (error) {
          if (error instanceof ProviderError && error.code === ERROR_NO_MORE_ITEMS) return;
          throw error;
        }
        // In the system's ANSI code page; container names are made of ASCII.
        const [text = ''] = Buffer.from(name).toString('latin1').split('\0', 1);
        yield text;
      }
    },

    cardGuid: (context) =>
      filled('CryptGetProvParam (PP_SMARTCARD_GUID)', guidBytes, (buffer, length) =>
        getProvParam(context, PP_SMARTCARD_GUID, buffer, length, 0),
      ),

    certificateStore(context, name) {
      const store: [Handle] = [0];
      const length: [number] = [handleBytes];
      const call = `CryptGetProvParam (PP_${name.toUpperCase()}_CERTSTORE)`;
      requireSuccess(call, getProvHandle(context, storeParameters[name], store, length, 0));
      return requireHandle(call, store[0], length[0], handleBytes);
    },

    userKey(context, keySpec) {
      const key: [Handle] = [0];
      requireSuccess('CryptGetUserKey', getUserKey(context, keySpec, key));
      return key[0];
    },

    destroyKey: (key) => {
      destroyKey(key);
    },

    certificate: (key, mostBytes) =>
      filled('CryptGetKeyParam (KP_CERTIFICATE)', mostBytes, (buffer, length) =>
        getKeyParam(key, KP_CERTIFICATE, buffer, length, 0),
      ),

    publicKey: (key, mostBytes) =>
      filled('CryptExportKey', mostBytes, (buffer, length) =>
        exportKey(key, 0, PUBLICKEYBLOB, 0, buffer, length),
      ),
  };
}
