/**
 * GIDS cards (Generic Identity Device Specification v2) as the other rooms see them: select the application, then read what is wanted.
 * No object is read twice within one transaction, except the counters, which are read back after writing.
 */
export { selectGids, type Gids } from './gids-application.js';
export { readCertificates, readContainers, readRoots } from './gids-certificates.js';
export { readCounters, writeCounters } from './gids-counters.js';
export { readPublicKey, type ContainerPublicKey } from './gids-key.js';
export { pinTriesLeft, verifyPin } from './gids-pin.js';
