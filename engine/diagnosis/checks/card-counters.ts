import { CertPropError } from '../../errors.js';
import type { CardCounters } from '../facts.js';
import { counted, judgeEach, type Check, type Judgment } from '../finding.js';

/** The counters by which Windows knows that its copies of a GIDS card are stale. */
export const cardCounters: Check = {
  name: 'CardCounters',
  judge({ cards }) {
    return judgeEach(cards.counters, unreadable, {
      none: 'No card with cache counters (GIDS) could be read.',
      passed: (count) => `The cache counters of ${counted(count, 'card')} can be read.`,
    });
  },
};

function unreadable({ readerName, cardId, counters }: CardCounters): Judgment | null {
  if (!(counters instanceof CertPropError)) return null;
  return {
    status: 'Failed',
    finding: `The cache counters (cardcf) of the card in the reader "${readerName}" can't be read: ${counters.message} Windows can't tell whether its copies are stale.`,
    evidence: { reader: readerName, card: cardId, file: 'cardcf', error: counters.id },
    remedy:
      'Have whoever issued the card write its file cardcf again (six bytes, counters above the earlier ones).',
  };
}
