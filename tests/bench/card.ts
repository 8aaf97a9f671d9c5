/** Reading all certificates of one card, beside other people's tools. */
import { insertCard } from '../../engine/virtual/vpcd.js';
import { skipWithoutOpensc } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd } from '../support/pcscd.js';
import { cardContenders, everyContender, type CardContenders } from './card-contenders.js';
import { cardRequirements, cardTable, floorLine } from './card-table.js';
import { cardTools } from './card-tools.js';
import { writeCards, type BenchCard } from './cards.js';
import { startWarmEngine } from './engine.js';
import { interleave, type Part, type Requirement } from './measure.js';

/** How long the card takes for an APDU (ms): nothing, and as long as a slow contact card, whose time counts. */
const runs = [
  { delay: 0, rounds: 9, timeCounts: false },
  { delay: 20, rounds: 5, timeCounts: true },
] as const;

const disclosure = `Through pcscd and vpcd; APDUs are counted in the virtual card. Medians of interleaved runs; ratio: to pkcs11-tool.
A tool is timed from the start of its process to its end ("without start": less its starts without a card, measured beside it),
CertProp in a running engine from request to answer. What CertProp reads is compared with what was written, byte for byte.
OpenSC's file cache is off and stayed empty.`;

export const cardPart: Part = {
  name: 'card',
  about: 'reading all certificates of a card',
  seconds: 150,
  async run() {
    const skipped = skipWithoutPcscd() || skipWithoutOpensc();
    if (skipped !== false) return { skipped };
    const pcscd = await startPcscd();
    try {
      return { requirements: await compare(pcscd) };
    } finally {
      await pcscd.stop();
    }
  },
};

async function compare(pcscd: Pcscd): Promise<Requirement[]> {
  const requirements: Requirement[] = [];
  for (const card of await writeCards(pcscd)) {
    for (const { delay, rounds, timeCounts } of runs) {
      const contenders = await measure(pcscd, card, delay, rounds);
      console.log(`\n${card.name}, ${delay} ms per APDU, ${rounds} runs each\n${cardTable(contenders)}`);
      requirements.push(...cardRequirements(card, contenders, delay, timeCounts));
    }
    console.log(floorLine(card));
  }
  console.log(`\n${disclosure}\n`);
  return requirements;
}

async function measure(
  pcscd: Pcscd,
  card: BenchCard,
  delay: number,
  rounds: number,
): Promise<CardContenders> {
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error('pcscd has no reader.');
  const inserted = await insertCard(card.make(), reader.port, { delay });
  const tools = await cardTools(pcscd, reader);
  const warm = await startWarmEngine();
  const contenders = cardContenders({ card, inserted, tools, ...warm });
  await interleave(everyContender(contenders), rounds);
  await warm.end();
  await tools.end();
  await inserted.remove();
  return contenders;
}
