/** Windows' cache of a GIDS card: what it has, compared with the card, and dropping what a change has made stale. */
import {
  certificateFileNames,
  readCounters,
  readMinidriverFile,
  selectGids,
  type Gids,
} from '../card/gids.js';
import type { CacheCounters } from '../card/minidriver/cardcf.js';
import { attempt } from '../card/object-error.js';
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import type { CardCache } from '../provider/card-cache.js';
import {
  cachedNames,
  compare,
  questionAbout,
  type CachedName,
  type Comparison,
  type OnCard,
} from './cached-items.js';
import { unusableFile, withoutCounters } from './card-error.js';

/** What a card has of all that Windows may have copies of. */
export interface CacheableCard {
  readonly readerName: string;
  /** The 16 bytes of the file `cardid`, as 32 upper-case hex digits. */
  readonly cardId: string;
  readonly counters: CacheCounters;
  readonly items: readonly CacheableItem[];
  /** Files that can't be read; their items are not asked for. */
  readonly problems: readonly CertPropError[];
}

interface CacheableItem extends CachedName {
  readonly onCard: OnCard;
}

/** An item of the cache, compared with the card. */
export interface ComparedItem extends Comparison {
  readonly readerName: string;
  readonly cardId: string;
  readonly name: string;
  /** The counter of the card that the item was asked for with. */
  readonly freshness: number;
}

/** What a change has made of a card's counters. */
export interface FreshnessChange {
  readonly before: CacheCounters;
  readonly after: CacheCounters;
  /** The names of the card's certificate files. */
  readonly certificateFiles: readonly string[];
}

/**
 * Reads what the cache is compared with.
 * @throws CertPropError CacheUnavailable for a card that is no GIDS card; CardObjectNotFound, MalformedCardData, CardCommandFailed
 */
export async function readCacheableCard(connection: SmartCardConnection): Promise<CacheableCard> {
  const gids = await selectGids(connection);
  if (gids === null) throw withoutCounters(connection);
  const card = { readerName: connection.readerName, cardId: gids.cardId };
  const counters = await readCounters(gids);
  const names = cachedNames(certificateFileNames(gids));
  const files = new Map<string, OnCard>();
  const problems: CertPropError[] = [];
  for (const fileName of fileNamesIn(names)) {
    const file = await attempt(fileName, () => readIfThere(gids, fileName));
    if ('error' in file) problems.push(unusableFile(file.error, card, fileName));
    else files.set(fileName, { kind: 'File', bytes: file.value });
  }
  const items = names.flatMap((cached) => {
    const onCard = onCardOf(cached, counters, files);
    return onCard === undefined ? [] : [{ ...cached, onCard }];
  });
  return { ...card, counters, items, problems };
}

function fileNamesIn(names: readonly CachedName[]): ReadonlySet<string> {
  return new Set(names.map(({ fileName }) => fileName).filter((fileName) => fileName !== null));
}

function onCardOf(
  { counter, fileName }: CachedName,
  counters: CacheCounters,
  files: ReadonlyMap<string, OnCard>,
): OnCard | undefined {
  return fileName === null ? { kind: 'Counter', value: counters[counter] } : files.get(fileName);
}

async function readIfThere(gids: Gids, fileName: string): Promise<Uint8Array | null> {
  try {
    return await readMinidriverFile(gids, fileName);
  } catch (error) {
    if (error instanceof CertPropError && error.id === 'CardObjectNotFound') return null;
    throw error;
  }
}

/**
 * Asks for each item with the card's counters. **Items that Windows has with other counters are deleted by this.**
 * @throws CertPropError as `CardCache.ask`
 */
export async function compareWithCache(cache: CardCache, card: CacheableCard): Promise<ComparedItem[]> {
  const { readerName, cardId, items, counters } = card;
  const asked = items.map((item) => ({ ...item, ...questionAbout(item, counters) }));
  const answers = await cache.ask(idBytes(cardId), asked);
  return asked.flatMap(({ name, freshness, onCard }, index) => {
    const answer = answers[index];
    return answer === undefined
      ? []
      : [{ readerName, cardId, name, freshness, ...compare(onCard, freshness, answer) }];
  });
}

/**
 * Drops Windows' copies of what has changed on a card, by asking for them with the counters that were raised. Windows compares the
 * counters itself when it next uses the card, so that this only comes first: whatever goes wrong is a message, for the card is changed.
 */
export async function dropStaleItems(
  cache: CardCache,
  cardId: string,
  { before, after, certificateFiles }: FreshnessChange,
  verbose: (message: string) => void,
): Promise<void> {
  const changed = cachedNames(certificateFiles).filter(({ counter }) => before[counter] !== after[counter]);
  try {
    const answers = await cache.ask(
      idBytes(cardId),
      changed.map((cached) => questionAbout(cached, after)),
    );
    const dropped = answers.filter(({ kind }) => kind === 'Stale').length;
    verbose(`Card ${cardId}: ${dropped} stale copies dropped from Windows' cache.`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    verbose(`Card ${cardId}: stale copies may be left in Windows' cache until it looks itself. ${reason}`);
  }
}

function idBytes(cardId: string): Uint8Array {
  return Buffer.from(cardId, 'hex');
}
