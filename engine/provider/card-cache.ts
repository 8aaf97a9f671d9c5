/**
 * Windows' cache of cards: what the smart card resource manager keeps for the Base CSP, the key storage provider and minidrivers, so that
 * they needn't read a card again (Windows SDK winscard.h, SCardReadCacheW).
 */
import { CertPropError } from '../errors.js';
import * as codes from '../pcsc/return-codes.js';
import { type Handle, loadWinscard, type ReadCache, type Winscard } from '../pcsc/winscard.js';

/** What is asked for. An item that the cache has with another freshness is deleted by asking. */
export interface CacheQuestion {
  /** At most 255 UTF-16 units. */
  readonly name: string;
  /** 0 to 0xFFFF, one of the card's counters. */
  readonly freshness: number;
}

export type CacheAnswer =
  /** `length` in bytes; `value` is null for one of more than `longestItem` bytes. */
  | { readonly kind: 'Found'; readonly length: number; readonly value: Uint8Array | null }
  | { readonly kind: 'NotFound' }
  /** The cache had it with another freshness, and has it no longer. */
  | { readonly kind: 'Stale' };

export interface CardCache {
  /**
   * Asks for a card's items, one after the other.
   * @param cardId the card's GUID, 16 bytes as they lie in its file `cardid`
   * @returns an answer to each question
   * @throws CertPropError CacheUnavailable, PcscUnavailable, PcscFailure
   */
  ask(cardId: Uint8Array, questions: readonly CacheQuestion[]): Promise<readonly CacheAnswer[]>;
}

/** Twice what a card's file can have (65,535 bytes). */
export const longestItem = 0x20000;

/** Windows' own; null on other systems, which have none. */
export function systemCardCache(): CardCache | null {
  return process.platform === 'win32' ? cardCache(loadWinscard) : null;
}

/** @param load called when a card is first asked about, and again if that failed */
export function cardCache(load: () => Promise<Winscard>): CardCache {
  let loaded: Winscard | undefined;
  return {
    async ask(cardId, questions) {
      const winscard = (loaded ??= await load());
      const { readCache } = winscard;
      if (readCache === null) throw cacheUnavailable();
      const { code, context } = await winscard.establishContext();
      if (code !== codes.success) throw failure(winscard, code);
      try {
        return await answers(winscard, readCache, context, cardId, questions);
      } finally {
        await winscard.releaseContext(context);
      }
    },
  };
}

export function cacheUnavailable(): CertPropError {
  return new CertPropError(
    'CacheUnavailable',
    'This system keeps no cache of smart cards; only Windows does. Run this on the Windows machine whose cache is in question.',
  );
}

async function answers(
  winscard: Winscard,
  readCache: ReadCache,
  context: Handle,
  cardId: Uint8Array,
  questions: readonly CacheQuestion[],
): Promise<readonly CacheAnswer[]> {
  const data = Buffer.alloc(longestItem);
  const given: CacheAnswer[] = [];
  for (const { name, freshness } of questions) {
    const { code, length } = await readCache(context, cardId, freshness, name, data);
    if (code === codes.success)
      given.push({ kind: 'Found', length, value: new Uint8Array(data.subarray(0, length)) });
    else if (code === codes.insufficientBuffer) given.push({ kind: 'Found', length, value: null });
    else if (code === codes.cacheItemNotFound) given.push({ kind: 'NotFound' });
    else if (code === codes.cacheItemStale) given.push({ kind: 'Stale' });
    else throw failure(winscard, code);
  }
  return given;
}

function failure({ platform }: Winscard, code: number): CertPropError {
  return codes.returnCodeError(code, platform, null, 'Working');
}
