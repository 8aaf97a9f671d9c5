/** Reading the cards of eight readers at once, while another program waits for a change in each of them. */
import assert from 'node:assert/strict';
import type { EngineClient } from '../../build/engine-client.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { skipWithoutOpensc } from '../support/opensc.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';
import { writeCards, type BenchCard } from './cards.js';
import { listCertificates, startWarmEngine } from './engine.js';
import {
  contender,
  interleave,
  median,
  range,
  table,
  timed,
  type Contender,
  type Part,
  type Requirement,
} from './measure.js';
import { startWatcher } from './watcher.js';

const readerCount = 8;
const rounds = 7;
const delay = 20;
const allowed = 1.3;

export const readersPart: Part = {
  name: 'readers',
  about: `${readerCount} readers with cards that take ${delay} ms per APDU, together and one by one; ${rounds} runs each, interleaved`,
  seconds: 40,
  async run() {
    const skipped = skipWithoutPcscd() || skipWithoutOpensc();
    if (skipped !== false) return { skipped };
    const pcscd = await startPcscd(readerCount);
    try {
      return { requirements: [await compare(pcscd)] };
    } finally {
      await pcscd.stop();
    }
  },
};

interface FilledReader {
  readonly reader: VirtualReader;
  readonly card: BenchCard;
}

async function compare(pcscd: Pcscd): Promise<Requirement> {
  const readers = fill(pcscd, await writeCards(pcscd));
  const inserted = await Promise.all(
    readers.map(({ reader, card }) => insertCard(card.make(), reader.port, { delay })),
  );
  const watcher = await startWatcher(pcscd, readers.map(nameOf));
  const warm = await startWarmEngine();
  const alone = readers.map((each) =>
    contender(`${nameOf(each)} alone: ${each.card.name}`, () => readAll(warm.engine, [each])),
  );
  const together = contender(`all ${readerCount} together`, () => readAll(warm.engine, readers));
  await interleave([...alone, together], rounds);
  await warm.end();
  const { changes } = watcher;
  await Promise.all(inserted.map((card) => card.remove()));
  await watcher.end();

  console.log(timeTable([...alone, together]));
  console.log(
    `Besides, a process waits in SCardGetStatusChange for each of these readers: woken ${changes} times meanwhile,\nand for each of them when its card was removed.`,
  );
  const slowest = Math.max(...alone.map(({ samples }) => median(samples)));
  return {
    what: `all ${readerCount} readers together over the slowest alone`,
    measured: median(together.samples) / slowest,
    limit: allowed,
  };
}

/** The cards in turn, until all readers have one. */
function fill({ readers }: Pcscd, cards: readonly BenchCard[]): FilledReader[] {
  return readers.flatMap((reader, index) => {
    const card = cards[index % cards.length];
    return card === undefined ? [] : [{ reader, card }];
  });
}

function nameOf({ reader }: FilledReader): string {
  return reader.readerName;
}

/** How long it takes (ms); fails unless all certificates are found. */
async function readAll(engine: EngineClient, readers: readonly FilledReader[]): Promise<number> {
  let found: string[] = [];
  const milliseconds = await timed(async () => {
    found = await listCertificates(engine, readers.map(nameOf));
  });
  const written = readers.flatMap(({ card }) => card.certificates);
  assert.deepEqual(
    found.toSorted(),
    written.map((certificate) => Buffer.from(certificate).toString('base64')).toSorted(),
  );
  return milliseconds;
}

function timeTable(contenders: readonly Contender<number>[]): string {
  const rows = contenders.map(({ name, samples }) => [name, median(samples).toFixed(0), range(samples)]);
  return table([['', 'median ms', 'range'], ...rows]);
}
