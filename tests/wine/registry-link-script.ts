/**
 * Run by node.exe under Wine: makes a registry link, or removes one itself. Arguments: `make`, the link's path below HKEY_USERS, the
 * target (`\Registry\Machine\...`); or `remove` and the path.
 */
import { loadRegistry, keyAccess, rootKey } from '../../engine/native/registry.js';
import { loadKoffi } from '../../engine/native/koffi.js';
import { loadSystemLibrary } from '../../engine/native/system-library.js';

/** winnt.h. */
const REG_OPTION_CREATE_LINK = 2;
const KEY_CREATE_LINK = 0x20;
const KEY_SET_VALUE = 2;
const REG_LINK = 6;

async function make(path: string, target: string): Promise<void> {
  const koffi = await loadKoffi();
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const create: (...values: unknown[]) => number = advapi32.func('__stdcall', 'RegCreateKeyExW', 'int', [
    ...['intptr_t', 'str16', 'uint32_t', 'void *', 'uint32_t', 'uint32_t', 'void *'],
    koffi.out(koffi.pointer('intptr_t')),
    'void *',
  ]);
  const set: (...values: unknown[]) => number = advapi32.func('__stdcall', 'RegSetValueExW', 'int', [
    ...['intptr_t', 'str16', 'uint32_t', 'uint32_t', 'void *', 'uint32_t'],
  ]);
  const key: [number | bigint] = [0];
  const access = KEY_CREATE_LINK | KEY_SET_VALUE;
  const made = create(rootKey.users, path, 0, null, REG_OPTION_CREATE_LINK, access, null, key, null);
  const value = Buffer.from(target, 'utf16le');
  const written = set(key[0], 'SymbolicLinkValue', 0, REG_LINK, value, value.length);
  if (made !== 0 || written !== 0) throw new Error(`RegCreateKeyExW ${made}, RegSetValueExW ${written}`);
}

async function remove(path: string): Promise<void> {
  const registry = await loadRegistry();
  registry.deleteKey(registry.openKey(rootKey.users, path, keyAccess.remove));
}

const [action, path = '', target = ''] = process.argv.slice(2);
void (action === 'make' ? make(path, target) : remove(path));
