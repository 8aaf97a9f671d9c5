/** From a card's insertion until its certificates are stored, beside reading the same card warm. */
import assert from 'node:assert/strict';
import { loadavg } from 'node:os';
import type { InsertedCard } from '../../engine/virtual/vpcd.js';
import type { VirtualReader } from '../support/pcscd.js';
import { listCertificates } from './engine.js';
import { contender, interleave, quantile, range, table, timed, type Requirement } from './measure.js';
import type { WatchingEngine } from './watch-engine.js';
import { checkStored, takenBack, type WatchedCard } from './watched-card.js';

const rounds = 200;
const quantiles = [
  { name: 'p50', part: 0.5, limit: 3 },
  { name: 'p99', part: 0.99, limit: 5 },
] as const;

/** Leaves the reader empty. */
export async function measureInsertions(
  watching: WatchingEngine,
  card: WatchedCard,
  reader: VirtualReader,
): Promise<Requirement[]> {
  const written = card.certificates.map((certificate) => Buffer.from(certificate).toString('base64'));
  let inserted: InsertedCard | null = null;

  async function remove(): Promise<void> {
    if (inserted === null) return;
    await inserted.remove();
    await takenBack(watching, card, reader);
  }

  const reading = contender('the card read warm', () =>
    timed(async () => {
      assert.deepEqual(await listCertificates(watching.engine, [reader.readerName]), written);
    }),
  );
  const insertion = contender('insertion to stored', async () => {
    await remove();
    inserted = await card.insert();
    let told: string[] = [];
    const milliseconds = await timed(async () => {
      told = await watching.take(1 + card.resultCount);
    });
    await checkStored(watching, card, reader, told);
    return milliseconds;
  });
  await interleave([insertion, reading], rounds);
  await remove();

  const rows = [reading, insertion].map(({ name, samples }) => [
    name,
    ...quantiles.map(({ part }) => quantile(samples, part).toFixed(1)),
    range(samples),
  ]);
  console.log(`${rounds} insertions, ms; load average over these minutes: ${(loadavg()[1] ?? 0).toFixed(1)}`);
  console.log(table([['', ...quantiles.map(({ name }) => name), 'range'], ...rows]));
  return quantiles.map(({ name, part, limit }) => ({
    what: `insertion to stored over reading the card warm, ${name} to ${name}`,
    measured: quantile(insertion.samples, part) / quantile(reading.samples, part),
    limit,
  }));
}
