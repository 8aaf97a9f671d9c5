/** The cache counters on a GIDS card. */
import { directories, placeOf, readFile, type Gids } from './gids-application.js';
import { putObject } from './gids-data.js';
import { encodeCardcf, parseCardcf, type CacheCounters } from './minidriver/cardcf.js';

const fileName = 'cardcf';

/** @throws CertPropError CardObjectNotFound, MalformedCardData, CardCommandFailed */
export async function readCounters(gids: Gids): Promise<CacheCounters> {
  return parseCardcf(await readFile(gids, directories.root, fileName));
}

/**
 * Writes the counters; the PIN must have been presented. Call it inside `uninterrupted`.
 * @throws CertPropError CardObjectNotFound, CardCommandFailed
 */
export async function writeCounters(gids: Gids, counters: CacheCounters): Promise<void> {
  const place = placeOf(gids, directories.root, fileName);
  await putObject(gids.card, place, `file ${fileName}`, encodeCardcf(counters));
}
