/** A sweep over readers of which some are in trouble: embedded readers stand for them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CertPropError } from '../../engine/errors.js';
import { embeddedReaders, type LoadCard } from '../../engine/pcsc/embedded.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import { readCards } from '../../engine/propagation/read-cards.js';
import { selectReaders } from '../../engine/propagation/readers.js';
import { loadCardFile, muteCardFile, unknownCardFile } from '../../engine/virtual/card-file.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-readers-'));
  const image = writeCardImage((await makeSampleCard()).state);
  await insert('Good', image);
  await insert('Mute', muteCardFile);
  await insert('Unknown', unknownCardFile);
  await insert('Pulled', image);
  await mkdir(join(folder, 'Empty'));
});
after(() => rm(folder, { recursive: true }));

async function insert(reader: string, image: string): Promise<void> {
  await mkdir(join(folder, reader));
  await writeFile(join(folder, reader, 'card.json'), image);
}

async function sweep(patterns: readonly string[] | null, loadCard: LoadCard = loadCardFile) {
  const readers = embeddedReaders(folder, loadCard);
  const { selected } = selectReaders(await readers.list(), patterns);
  await rm(join(folder, 'Pulled', 'card.json'), { force: true });
  const found: CertificateOnCard[] = [];
  const told: { error: CertPropError; severity: string }[] = [];
  const complete = await readCards(
    readers,
    selected.map((reader) => ({ ...reader, cardIds: null, thumbprints: null, mustHave: false })),
    { files: 'Certificates', keys: false, allSlots: false },
    { problem: (error, severity) => told.push({ error, severity }), verbose: () => undefined, apdu: null },
    (certificate) => found.push(certificate),
    new AbortController().signal,
  );
  return { found, told, complete };
}

test("a sweep gives the good card's certificates, and a mute and an unknown card one warning each with reader and ATR", async () => {
  const { found, told, complete } = await sweep(null);
  assert.deepEqual([...new Set(found.map(({ card }) => card.readerName))], ['Good']);
  assert.equal(found.length, 3);
  assert.equal(complete, false);
  assert.deepEqual(told.map(({ error, severity }) => `${severity} ${error.id}`).toSorted(), [
    'warning CardMute',
    'warning UnknownCard',
  ]);
  for (const { error } of told)
    assert.match(error.message, new RegExp(`"${error.details.readerName ?? '-'}"`, 'u'));
  const unknown = told.find(({ error }) => error.id === 'UnknownCard')?.error;
  assert.match(unknown?.message ?? '', /ATR 3B00/u);
});

test('the same cards, each named, are errors', async () => {
  const { told } = await sweep(['Mute', 'Unknown', 'Empty']);
  assert.deepEqual(told.map(({ error, severity }) => `${severity} ${error.id}`).toSorted(), [
    'error CardMute',
    'error NoCard',
    'error UnknownCard',
  ]);
});

test('a card of which one application is damaged is not read to the end, and a warning says so', async () => {
  const damaged: LoadCard = async (path) => {
    const card = await loadCardFile(path);
    const openpgp = 'd27600012401';
    return (
      card && {
        ...card,
        transmit: (command) =>
          Buffer.from(command).toString('hex').includes(openpgp)
            ? Uint8Array.of(0x90, 0x00)
            : command[1] === 0xca
              ? Uint8Array.of(0x6e, 0x05, 0x4f, 0x90, 0x00)
              : card.transmit(command),
      }
    );
  };
  const { found, told, complete } = await sweep(['Good'], damaged);
  assert.equal(found.length, 3);
  assert.deepEqual(
    told.map(({ error, severity }) => `${severity} ${error.id}`),
    ['warning MalformedCardData'],
  );
  assert.equal(complete, false);
});
