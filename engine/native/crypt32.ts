/**
 * The certificate store functions of crypt32.dll that CertProp uses, typed (Windows SDK, wincrypt.h). Every call is synchronous.
 * Constants carry wincrypt.h's names.
 */
import type { Koffi } from './koffi.js';
import type { NativeLibrary } from './system-library.js';

/** HCERTSTORE, PCCERT_CONTEXT: an address, never 0. */
export type Handle = number | bigint;

/** CERT_STORE_PROV_*: `name` is a store's, or `<store>\<physical store>`. */
export const storeProvider = { systemRegistry: 13, physical: 14 } as const;

/** CERT_SYSTEM_STORE_* and CERT_STORE_*_FLAG, to be combined. */
export const openFlag = {
  currentUser: 0x0001_0000,
  localMachine: 0x0002_0000,
  enumArchived: 0x200,
  openExisting: 0x4000,
  readOnly: 0x8000,
} as const;

/** The length of a thumbprint. */
const sha1Bytes = 20;

/** CERT_STORE_ADD_*: no look at what is there; a certificate that is there is replaced, and its properties go. */
export const addDisposition = { replaceExisting: 3, always: 4 } as const;

export interface Crypt32 {
  /** Null on failure. */
  openStore(provider: number, flags: number, name: string): Handle | null;
  closeStore(store: Handle): void;
  /** The certificate after `previous` (null: the first), which is freed; null after the last. */
  nextCertificate(store: Handle, previous: Handle | null): Handle | null;
  /** The certificate with this SHA-1 thumbprint (20 bytes), null when there is none. */
  findBySha1(store: Handle, sha1: Uint8Array): Handle | null;
  freeCertificate(certificate: Handle): void;
  /** The context is freed in any case. */
  deleteCertificate(certificate: Handle): boolean;
  /** The SHA-1 thumbprint (20 bytes), null on failure. */
  sha1Of(certificate: Handle): Uint8Array | null;
  /** The serialized element; null on failure, or `tooLarge` for one of more bytes than `mostBytes`. */
  serialize(certificate: Handle, mostBytes: number): Uint8Array | 'tooLarge' | null;
  /** Adds a serialized element (CertAddSerializedElementToStore). */
  addSerialized(store: Handle, element: Uint8Array, disposition: number): boolean;
  /** Writes out what was changed. */
  commit(store: Handle): boolean;
  /** The failed call's error (winerror.h), unsigned 32-bit; 0 when it gave none. */
  lastError(): number;
}

const CERT_FIND_SHA1_HASH = 0x0001_0000;
const CERT_SHA1_HASH_PROP_ID = 3;
const CERT_STORE_CERTIFICATE_CONTEXT_FLAG = 2;
const CERT_STORE_CTRL_COMMIT = 3;
const CERT_STORE_CTRL_COMMIT_FORCE_FLAG = 1;
const X509_ASN_ENCODING = 1;

/** @param crypt32 crypt32.dll and kernel32.dll, however this process loads the system's libraries (system-library.ts) */
export function declareCrypt32(koffi: Koffi, crypt32: NativeLibrary, kernel32: NativeLibrary): Crypt32 {
  const hashBlob = koffi.pointer(koffi.struct({ cbData: 'uint32_t', pbData: 'void *' }));
  const inoutDword = koffi.inout(koffi.pointer('uint32_t'));

  const getLastError: () => number = kernel32.func('__stdcall', 'GetLastError', 'uint32_t', []);
  const setLastError: (code: number) => void = kernel32.func('__stdcall', 'SetLastError', 'void', [
    'uint32_t',
  ]);

  /** Declares a function; an older error must not stand for its failure, as some of them set none. */
  const declare = (name: string, result: string, parameters: Parameters<typeof crypt32.func>[3]) => {
    const native: (...values: readonly unknown[]) => Handle = crypt32.func(
      '__stdcall',
      name,
      result,
      parameters,
    );
    return (...values: readonly unknown[]) => {
      setLastError(0);
      return native(...values);
    };
  };
  const open = declare('CertOpenStore', 'intptr_t', [
    'intptr_t',
    'uint32_t',
    'intptr_t',
    'uint32_t',
    'str16',
  ]);
  const close = declare('CertCloseStore', 'int', ['intptr_t', 'uint32_t']);
  const enumerate = declare('CertEnumCertificatesInStore', 'intptr_t', ['intptr_t', 'intptr_t']);
  const find = declare('CertFindCertificateInStore', 'intptr_t', [
    'intptr_t',
    'uint32_t',
    'uint32_t',
    'uint32_t',
    hashBlob,
    'intptr_t',
  ]);
  const free = declare('CertFreeCertificateContext', 'int', ['intptr_t']);
  const remove = declare('CertDeleteCertificateFromStore', 'int', ['intptr_t']);
  const getProperty = declare('CertGetCertificateContextProperty', 'int', [
    'intptr_t',
    'uint32_t',
    'void *',
    inoutDword,
  ]);
  const serialize = declare('CertSerializeCertificateStoreElement', 'int', [
    'intptr_t',
    'uint32_t',
    'void *',
    inoutDword,
  ]);
  const add = declare('CertAddSerializedElementToStore', 'int', [
    'intptr_t',
    'void *',
    'uint32_t',
    'uint32_t',
    'uint32_t',
    'uint32_t',
    'void *',
    'void *',
  ]);
  const control = declare('CertControlStore', 'int', ['intptr_t', 'uint32_t', 'uint32_t', 'void *']);

  return {
    openStore: (provider, flags, name) => handleOrNull(open(provider, 0, 0, flags, name)),
    closeStore: (store) => void close(store, 0),
    nextCertificate: (store, previous) => handleOrNull(enumerate(store, previous ?? 0)),
    findBySha1: (store, sha1) =>
      handleOrNull(
        find(store, X509_ASN_ENCODING, 0, CERT_FIND_SHA1_HASH, { cbData: sha1.length, pbData: sha1 }, 0),
      ),
    freeCertificate: (certificate) => void free(certificate),
    deleteCertificate: (certificate) => succeeded(remove(certificate)),

    sha1Of(certificate) {
      const hash = Buffer.alloc(sha1Bytes);
      const length: [number] = [hash.length];
      return succeeded(getProperty(certificate, CERT_SHA1_HASH_PROP_ID, hash, length)) ? hash : null;
    },

    serialize(certificate, mostBytes) {
      const length: [number] = [0];
      if (!succeeded(serialize(certificate, 0, null, length))) return null;
      if (length[0] > mostBytes) return 'tooLarge';
      const element = Buffer.alloc(length[0]);
      return succeeded(serialize(certificate, 0, element, length)) ? element.subarray(0, length[0]) : null;
    },

    addSerialized: (store, element, disposition) =>
      succeeded(
        add(store, element, element.length, disposition, 0, CERT_STORE_CERTIFICATE_CONTEXT_FLAG, null, null),
      ),
    commit: (store) =>
      succeeded(control(store, CERT_STORE_CTRL_COMMIT_FORCE_FLAG, CERT_STORE_CTRL_COMMIT, null)),
    lastError: () => getLastError() >>> 0,
  };
}

function succeeded(result: Handle): boolean {
  return Number(result) !== 0;
}

function handleOrNull(handle: Handle): Handle | null {
  return succeeded(handle) ? handle : null;
}
