/** crypt32.dll for the engine's own process. */
import { type Crypt32, declareCrypt32 } from '../native/crypt32.js';
import { loadKoffi } from '../native/koffi.js';
import { loadSystemLibrary } from '../native/system-library.js';

let loading: Promise<Crypt32> | undefined;

export function loadCrypt32(): Promise<Crypt32> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Crypt32> {
  const koffi = await loadKoffi();
  return declareCrypt32(
    koffi,
    await loadSystemLibrary('crypt32.dll'),
    await loadSystemLibrary('kernel32.dll'),
  );
}
