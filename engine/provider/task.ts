/** The helper's task `provider`: reads the containers of the card in one reader through one provider. */
import type { Task } from '../helper/task.js';
import { loadCryptoApi } from './cryptoapi.js';
import { readCspContainers } from './csp.js';
import { readKspContainers } from './ksp.js';
import { loadNcrypt } from './ncrypt.js';
import { isWithoutCard } from './provider-error.js';

/** @param values `KSP` or `CSP`, and the reader's name */
export const providerTask: Task = async ([provider = '', readerName = ''], say) => {
  try {
    if (provider === 'KSP') readKspContainers(await loadNcrypt(), readerName, say);
    else readCspContainers(await loadCryptoApi(), readerName, say);
  } catch (error) {
    // A card that the provider knows nothing of has no containers.
    if (!isWithoutCard(error)) throw error;
  }
};
