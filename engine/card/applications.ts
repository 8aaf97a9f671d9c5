/** Every application that a card carries. */
import type { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import type { CardApplication, OpenApplication } from './application.js';
import type { CardFamily } from './card.js';
import { openGids } from './gids.js';
import { isObjectError } from './object-error.js';
import { openOpenpgp } from './openpgp.js';
import { openPiv } from './piv.js';
import { openPkcs15, openPkcs15ByName } from './pkcs15.js';

/** How a family is looked for on a card, given what was found on it before; null where it is not. */
type Search = (found: ReadonlySet<CardFamily>) => OpenApplication | null;

/**
 * Windows' class minidriver looks for GIDS on cards that are no PIV cards, and so does this. PKCS #15 hides in many places: all of them
 * are searched only on a card that is nothing else, and none on a PIV card, where two more commands are a tenth of all.
 */
const families: readonly Search[] = [
  () => openPiv,
  (found) => (found.has('PIV') ? null : openGids),
  () => openOpenpgp,
  (found) => (found.has('PIV') ? null : found.size > 0 ? openPkcs15ByName : openPkcs15),
];

/**
 * The card's applications in turn. Each is selected when it is given and no longer when the next one is: read it before going on.
 * One that can't be opened does not hide the others: `unopened` hears of it after them.
 * @throws CertPropError what kept the first application from being opened, if there is no other; all that `transmit` throws
 */
export async function* applicationsOf(
  card: SmartCardConnection,
  unopened: (obstacle: CertPropError) => void,
): AsyncGenerator<CardApplication> {
  const obstacles: CertPropError[] = [];
  const found = new Set<CardFamily>();
  for (const search of families) {
    const application = await search(found)?.(card).catch((error: unknown) => {
      if (!isObjectError(error)) throw error;
      obstacles.push(error);
      return null;
    });
    if (!application) continue;
    found.add(application.family);
    yield application;
  }
  const [obstacle] = obstacles;
  if (found.size === 0 && obstacle !== undefined) throw obstacle;
  obstacles.forEach(unopened);
}
