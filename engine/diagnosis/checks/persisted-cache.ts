import { counted, passed, unseen, type Check } from '../finding.js';

/** What the stopped resource manager keeps of cards in the registry; it outlives a restart of Windows. */
export const persistedCache: Check = {
  name: 'PersistedCache',
  judge({ persistedCache: cache }) {
    if (cache.kind !== 'Seen') return [unseen(cache)];
    const { names, isPart } = cache.value;
    if (names.length === 0) return [passed('The smart card service keeps nothing of cards in the registry.')];
    const count = `${isPart ? 'more than ' : ''}${counted(names.length, 'item')}`;
    return [
      {
        status: 'Warning',
        finding: `The stopped smart card service keeps ${count} of cards in the registry, and takes them up when it starts.`,
        evidence: { key: 'HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Calais\\Cache', items: names.join(', ') },
        remedy:
          'They are left alone. If a card shows old contents, raise its counters with Set-CardCacheCounter -Increment Container, File.',
      },
    ];
  },
};
