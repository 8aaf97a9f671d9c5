/**
 * The registry through advapi32.dll and ntdll.dll, key by key. No registry link is ever followed: keys are opened themselves
 * (REG_OPTION_OPEN_LINK), and deleted by the handle through which they were looked at. Constants carry the names of winreg.h and winnt.h.
 */
import { loadKoffi } from './koffi.js';
import { loadSystemLibrary } from './system-library.js';

/** HKEY: a handle, or a root key, which is a sign-extended 32-bit number. */
export type Key = number | bigint;

export const rootKey = { localMachine: 0x8000_0002 | 0, users: 0x8000_0003 | 0 } as const;

const KEY_READ = 0x2_0019;
const KEY_WRITE = 0x2_0006;
const DELETE = 0x1_0000;
export const keyAccess = { read: KEY_READ, change: KEY_READ | KEY_WRITE, remove: KEY_READ | DELETE } as const;
export type KeyAccess = (typeof keyAccess)[keyof typeof keyAccess];

export const valueType = { string: 1, expandString: 2, binary: 3, link: 6 } as const;

export interface RegistryValue {
  /** REG_… */
  readonly type: number;
  readonly bytes: Uint8Array;
}

/**
 * A failure is an Error whose `code` is as Node's own for files: ENOENT (also for a key that was deleted meanwhile), EACCES, EEXIST, or
 * `Windows error <number>`.
 */
export interface Registry {
  /** @param name one component, or the path to a key below a root key that only administrators write */
  openKey(parent: Key, name: string, access: KeyAccess): Key;
  /** A key that is kept on disk, for changes. */
  createKey(parent: Key, name: string): Key;
  /** Null after the last. */
  subkeyName(key: Key, index: number): string | null;
  /** Null after the last; a value without a name has the empty one. */
  valueName(key: Key, index: number): string | null;
  /** Null when there is none. */
  value(key: Key, name: string, mostBytes: number): RegistryValue | 'TooLarge' | null;
  setBinary(key: Key, name: string, bytes: Uint8Array): void;
  /** The key must have been opened to be removed. */
  deleteKey(key: Key): void;
  closeKey(key: Key): void;
}

const REG_OPTION_NON_VOLATILE = 0;
const REG_OPTION_OPEN_LINK = 8;
const REG_CREATED_NEW_KEY = 1;
/** Key names have at most 255 characters, names of values 16,383 (Microsoft, "Registry element size limits"). */
const nameUnits = 256;
const valueNameUnits = 16_384;

/** winerror.h. */
const ERROR_SUCCESS = 0;
const ERROR_FILE_NOT_FOUND = 2;
const ERROR_ACCESS_DENIED = 5;
const ERROR_ALREADY_EXISTS = 183;
const ERROR_MORE_DATA = 234;
const ERROR_NO_MORE_ITEMS = 259;
const ERROR_KEY_DELETED = 1018;
const errorNames: Readonly<Record<number, string>> = {
  [ERROR_FILE_NOT_FOUND]: 'ENOENT',
  [ERROR_ACCESS_DENIED]: 'EACCES',
  [ERROR_ALREADY_EXISTS]: 'EEXIST',
  [ERROR_KEY_DELETED]: 'ENOENT',
};

let loading: Promise<Registry> | undefined;

export function loadRegistry(): Promise<Registry> {
  loading ??= declareFunctions();
  return loading;
}

async function declareFunctions(): Promise<Registry> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const ntdll = await loadSystemLibrary('ntdll.dll');
  const outHandle = koffi.out(koffi.pointer('intptr_t'));
  const outDword = koffi.out(koffi.pointer('uint32_t'));
  const inoutDword = koffi.inout(koffi.pointer('uint32_t'));
  const declare = (name: string, parameters: Parameters<typeof advapi32.func>[3]): Native =>
    advapi32.func('__stdcall', name, 'int', parameters);
  const open = declare('RegOpenKeyExW', ['intptr_t', 'str16', 'uint32_t', 'uint32_t', outHandle]);
  const create = declare('RegCreateKeyExW', [
    ...['intptr_t', 'str16', 'uint32_t', 'void *', 'uint32_t', 'uint32_t', 'void *'],
    ...[outHandle, outDword],
  ]);
  const enumerate = declare('RegEnumKeyExW', [
    ...['intptr_t', 'uint32_t', 'void *'],
    inoutDword,
    ...['void *', 'void *', 'void *', 'void *'],
  ]);
  const enumerateValues = declare('RegEnumValueW', [
    ...['intptr_t', 'uint32_t', 'void *'],
    inoutDword,
    ...['void *', 'void *', 'void *', 'void *'],
  ]);
  const query = declare('RegQueryValueExW', [
    ...['intptr_t', 'str16', 'void *'],
    outDword,
    'void *',
    inoutDword,
  ]);
  const set = declare('RegSetValueExW', ['intptr_t', 'str16', 'uint32_t', 'uint32_t', 'void *', 'uint32_t']);
  const close = declare('RegCloseKey', ['intptr_t']);
  const ntDeleteKey: Native = ntdll.func('__stdcall', 'NtDeleteKey', 'int', ['intptr_t']);
  const toWindowsError: Native = ntdll.func('__stdcall', 'RtlNtStatusToDosError', 'uint32_t', ['int']);

  return {
    openKey(parent, name, access) {
      const key: [Key] = [0];
      succeed('RegOpenKeyExW', open(parent, name, REG_OPTION_OPEN_LINK, access, key));
      return key[0];
    },

    createKey(parent, name) {
      const [key, disposition]: [[Key], [number]] = [[0], [0]];
      const options = REG_OPTION_NON_VOLATILE | REG_OPTION_OPEN_LINK;
      const result = create(parent, name, 0, null, options, keyAccess.change, null, key, disposition);
      succeed('RegCreateKeyExW', result);
      if (disposition[0] === REG_CREATED_NEW_KEY) return key[0];
      close(key[0]);
      throw failure('RegCreateKeyExW', ERROR_ALREADY_EXISTS);
    },

    subkeyName: (key, index) => nameAt('RegEnumKeyExW', enumerate, nameUnits, key, index),

    valueName: (key, index) => nameAt('RegEnumValueW', enumerateValues, valueNameUnits, key, index),

    value(key, name, mostBytes) {
      const [type, length]: [[number], [number]] = [[0], [0]];
      const measured = query(key, name, null, type, null, length);
      if (measured === ERROR_FILE_NOT_FOUND) return null;
      succeed('RegQueryValueExW', measured);
      const buffer = Buffer.alloc(Math.min(length[0], mostBytes));
      const given: [number] = [buffer.length];
      const result = query(key, name, null, type, buffer, given);
      if (length[0] > mostBytes || result === ERROR_MORE_DATA) return 'TooLarge';
      if (result === ERROR_FILE_NOT_FOUND) return null;
      succeed('RegQueryValueExW', result);
      return { type: type[0], bytes: buffer.subarray(0, given[0]) };
    },

    setBinary: (key, name, bytes) =>
      succeed('RegSetValueExW', set(key, name, 0, valueType.binary, bytes, bytes.length)),

    deleteKey(key) {
      const status = ntDeleteKey(key);
      if (status !== 0) throw failure('NtDeleteKey', toWindowsError(status));
    },

    closeKey: (key) => void close(key),
  };
}

type Native = (...values: readonly unknown[]) => number;

function nameAt(call: string, enumerate: Native, most: number, key: Key, index: number): string | null {
  const buffer = Buffer.alloc(2 * most);
  const units: [number] = [most];
  const result = enumerate(key, index, buffer, units, null, null, null, null);
  if (result === ERROR_NO_MORE_ITEMS) return null;
  succeed(call, result);
  return buffer.toString('utf16le', 0, 2 * units[0]);
}

function succeed(call: string, code: number): void {
  if (code !== ERROR_SUCCESS) throw failure(call, code);
}

function failure(call: string, code: number): Error {
  const name = errorNames[code] ?? `Windows error ${code}`;
  return Object.assign(new Error(`${call}: ${name}`), { code: name });
}
