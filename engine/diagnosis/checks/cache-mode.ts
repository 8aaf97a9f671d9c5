import { skipped, type Check } from '../finding.js';

/** CP_CARD_CACHE_MODE: whether Windows may keep copies of a card at all. */
export const cacheMode: Check = {
  name: 'CacheMode',
  judge: () => [
    skipped(
      "A card's cache mode (CP_CARD_CACHE_MODE) is known to its minidriver alone, and asking for Windows' copy of it could delete the copy.",
    ),
  ],
};
