/**
 * GIDS cards (Generic Identity Device Specification v2) as the other rooms see them: select the application, then read what is wanted.
 * No object is read twice within one transaction, except the counters, which are read back after writing.
 */
import type { CardApplication, CardPublicKey, OpenApplication } from './application.js';
import type { CardCertificateFile } from './card.js';
import { directories, readFile, selectGids, type Gids } from './gids-application.js';
import { certificateNames, readCertificates, readRoots } from './gids-certificates.js';
import { readCounters } from './gids-counters.js';
import { readPublicKey } from './gids-key.js';
import { isObjectError } from './object-error.js';

export { selectGids, type Gids } from './gids-application.js';
export { readCertificates, readRoots } from './gids-certificates.js';
export { readCounters, writeCounters } from './gids-counters.js';
export { readPublicKey } from './gids-key.js';
export { readKeyMap } from './gids-key-map.js';
export { pinBlocked, pinTriesLeft, verifyPin } from './gids-pin.js';
export { planWrites, type GidsChange, type GidsPlan } from './gids-plan.js';
export { carryOut } from './gids-write.js';

export const openGids: OpenApplication = async (card) => {
  const gids = await selectGids(card);
  return gids === null ? null : gidsApplication(gids);
};

/** The names of the card's certificate files, in lower case; nothing is read. */
export function certificateFileNames(gids: Gids): readonly string[] {
  return certificateNames(gids.files).map(({ fileName }) => fileName);
}

/**
 * A file of the minidriver's directory as it lies on the card.
 * @throws CertPropError CardObjectNotFound, CardCommandFailed, MalformedCardData, and all that `transmit` throws
 */
export function readMinidriverFile(gids: Gids, fileName: string): Promise<Uint8Array> {
  return readFile(gids, directories.minidriver, fileName);
}

function gidsApplication(gids: Gids): CardApplication {
  return {
    family: 'GIDS',
    cardId: gids.cardId,
    label: null,
    serialNumber: null,
    certificates: () => readCertificates(gids),
    roots: () => readRoots(gids),
    publicKey: keyReader(gids),
    counters: () => readCounters(gids),
  };
}

/** Each container's key is asked for once; a card that does not give it is taken at its word: null. */
function keyReader(gids: Gids): CardApplication['publicKey'] {
  const keys = new Map<number, CardPublicKey | null>();
  return async ({ container }: CardCertificateFile) => {
    if (container === null) return null;
    const known = keys.get(container.index);
    if (known !== undefined) return known;
    const key = await readPublicKey(gids, container.index).catch(notGiven);
    keys.set(container.index, key);
    return key;
  };
}

function notGiven(error: unknown): null {
  if (isObjectError(error)) return null;
  throw error;
}
