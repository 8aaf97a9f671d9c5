/** The helper's task `provider`: reads the containers and certificate stores of the card in one reader through one provider. */
import type { Say, Task } from '../helper/task.js';
import { type Crypt32, declareCrypt32 } from '../native/crypt32.js';
import { loadKoffi } from '../native/koffi.js';
import { openSystemLibrary } from '../native/system-library.js';
import { loadCryptoApi } from './cryptoapi.js';
import { readCspContainers, readCspStores } from './csp.js';
import { readKspContainers, readKspStores } from './ksp.js';
import { listed } from './messages.js';
import { loadNcrypt } from './ncrypt.js';
import { isWithoutCard } from './provider-error.js';

/** @param values `KSP` or `CSP`, and the reader's name */
export const providerTask: Task = async ([provider = '', readerName = ''], say) => {
  const read = provider === 'KSP' ? readKsp : readCsp;
  try {
    await read(readerName, say);
  } catch (error) {
    // A card that the provider knows nothing of has no containers.
    if (!isWithoutCard(error)) throw error;
  }
};

async function readKsp(readerName: string, say: Say): Promise<void> {
  const ncrypt = await loadNcrypt();
  readKspContainers(ncrypt, readerName, say);
  say(listed);
  readKspStores(ncrypt, await loadCrypt32(), readerName, say);
}

async function readCsp(readerName: string, say: Say): Promise<void> {
  const api = await loadCryptoApi();
  readCspContainers(api, readerName, say);
  say(listed);
  readCspStores(api, await loadCrypt32(), readerName, say);
}

/** Without a restriction on where the minidrivers' own libraries are searched. */
async function loadCrypt32(): Promise<Crypt32> {
  const koffi = await loadKoffi();
  return declareCrypt32(
    koffi,
    openSystemLibrary(koffi, 'crypt32.dll'),
    openSystemLibrary(koffi, 'kernel32.dll'),
  );
}
