/** Watching for cards through pcscd: how soon an inserted card's certificates are stored, what is overlooked, what waiting costs. */
import { skipWithoutPcscd, startPcscd, type Pcscd } from '../support/pcscd.js';
import type { Part, Requirement } from './measure.js';
import { startWatchingEngine } from './watch-engine.js';
import { measureIdle } from './watch-idle.js';
import { measureInsertions } from './watch-insertions.js';
import { measureReinsertions } from './watch-reinsertions.js';
import { watchedCard } from './watched-card.js';

const disclosure = `A GIDS card with 3 certificates and a root, without delay, through pcscd and vpcd. Insertion: from the reader's having powered the card,
just before pcscd tells of it, until the client has the card's last result; then the store's files are compared with the card. Warm:
certificate/list of that card in the same engine, in turn with the insertions. A card is put back when the reader has seen the gap.`;

export const watchPart: Part = {
  name: 'watch',
  about: 'watch/run, from insertion to stored; a card that is put back at once; idleness',
  seconds: 360,
  async run() {
    const skipped = skipWithoutPcscd();
    if (skipped !== false) return { skipped };
    const pcscd = await startPcscd();
    try {
      return { requirements: await measure(pcscd) };
    } finally {
      await pcscd.stop();
    }
  },
};

async function measure({ readers: [reader] }: Pcscd): Promise<Requirement[]> {
  if (reader === undefined) throw new Error('pcscd has no reader.');
  const card = await watchedCard(reader);
  const watching = await startWatchingEngine();
  try {
    const insertions = await measureInsertions(watching, card, reader);
    const reinsertions = await measureReinsertions(watching, card, reader);
    const idle = await measureIdle(watching);
    console.log(`${disclosure}\n`);
    return [...insertions, reinsertions, ...idle];
  } finally {
    await watching.end();
  }
}
