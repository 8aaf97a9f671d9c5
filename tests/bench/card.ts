/** Reading all certificates of one card, beside OpenSC's tools. */
import { readCardImage } from '../../engine/virtual/card-image.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { makeOpenscCard, skipWithoutOpensc, type OpenscCard } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { cardContenders, startWarmEngine, type CardContenders } from './card-contenders.js';
import { cardRequirements, cardTable } from './card-table.js';
import { interleave, type Part, type Requirement } from './measure.js';
import { uncachedOpensc } from './uncached-opensc.js';

const rounds = 9;
const certificateCount = 3;
/** How long the card takes for an APDU (ms): nothing, and as long as a slow contact card, whose time counts. */
const delays = [0, 20] as const;
const slow = 20;

const disclosure = `Through pcscd and vpcd; APDUs are counted in the virtual card. Medians of ${rounds} interleaved runs; ratio: to pkcs11-tool.
A tool is timed from the start of its process to its end ("without start": less its start without a card, measured beside it),
CertProp in a running engine from request to answer. What CertProp reads is compared with what was written, byte for byte.
OpenSC's file cache is off and stayed empty.`;

export const cardPart: Part = {
  name: 'card',
  about: `reading all ${certificateCount} certificates of a GIDS card that OpenSC wrote`,
  seconds: 90,
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
  const [reader] = pcscd.readers;
  if (reader === undefined) throw new Error('pcscd has no reader.');
  const card = await makeOpenscCard(pcscd, reader, certificateCount);
  const requirements: Requirement[] = [];
  for (const delay of delays) {
    const contenders = await measure(pcscd, reader, card, delay);
    console.log(`\n${delay} ms per APDU\n${cardTable(contenders)}`);
    requirements.push(...cardRequirements(contenders, delay, delay === slow));
  }
  console.log(`\n${disclosure}\n`);
  return requirements;
}

async function measure(
  pcscd: Pcscd,
  reader: VirtualReader,
  { image, certificates }: OpenscCard,
  delay: number,
): Promise<CardContenders> {
  const inserted = await insertCard(gidsCard(readCardImage(image)), reader.port, { delay });
  const opensc = await uncachedOpensc(pcscd, reader);
  const warm = await startWarmEngine();
  const contenders = cardContenders({ certificates, inserted, opensc, ...warm });
  await interleave(Object.values(contenders), rounds);
  await warm.end();
  await opensc.end();
  await inserted.remove();
  return contenders;
}
