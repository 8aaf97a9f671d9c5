/** Every application that a card carries. */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import type { CardApplication, OpenApplication } from './application.js';
import { openGids } from './gids.js';
import { openOpenpgp } from './openpgp.js';
import { openPiv } from './piv.js';
import { openPkcs15, openPkcs15ByName } from './pkcs15.js';

/**
 * PIV before GIDS, as Windows' class minidriver looks for them. PKCS #15 hides in many places: all of them are searched only on a card
 * that is nothing else.
 */
const families: readonly ((foundOther: boolean) => OpenApplication)[] = [
  () => openPiv,
  () => openGids,
  () => openOpenpgp,
  (foundOther) => (foundOther ? openPkcs15ByName : openPkcs15),
];

/**
 * The card's applications in turn. Each is selected when it is given and no longer when the next one is: read it before going on.
 * One that can't be opened does not hide the others.
 * @throws CertPropError what kept the first application from being opened, if there is no other; all that `transmit` throws
 */
export async function* applicationsOf(card: SmartCardConnection): AsyncGenerator<CardApplication> {
  const obstacles: CertPropError[] = [];
  let found = false;
  for (const family of families) {
    const application = await family(found)(card).catch((error: unknown) => {
      if (!(error instanceof CertPropError) || !spoilsOneApplication.has(error.id)) throw error;
      obstacles.push(error);
      return null;
    });
    if (application === null) continue;
    found = true;
    yield application;
  }
  const [obstacle] = obstacles;
  if (!found && obstacle !== undefined) throw obstacle;
}

const spoilsOneApplication: ReadonlySet<string> = new Set([
  'CardObjectNotFound',
  'CardCommandFailed',
  'MalformedCardData',
]);
