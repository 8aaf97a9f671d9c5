/** A virtual GIDS card, and a cache that forgets what is asked for with another freshness, as Windows' does. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CertPropError } from '../../engine/errors.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import {
  compareWithCache,
  dropStaleItems,
  readCacheableCard,
  type CacheableCard,
} from '../../engine/propagation/card-cache.js';
import type { CacheAnswer, CacheQuestion, CardCache } from '../../engine/provider/card-cache.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';

interface Item {
  readonly freshness: number;
  readonly value: Uint8Array;
}

function windowsCache(items: Map<string, Item>): CardCache {
  const answer = ({ name, freshness }: CacheQuestion): CacheAnswer => {
    const item = items.get(name);
    if (item === undefined) return { kind: 'NotFound' };
    if (item.freshness === freshness) return { kind: 'Found', length: item.value.length, value: item.value };
    items.delete(name);
    return { kind: 'Stale' };
  };
  return { ask: (_cardId, questions) => Promise.resolve(questions.map(answer)) };
}

function connected(card: VirtualCard): SmartCardConnection {
  return {
    ...{ readerName: 'Reader A', atr: card.atr, resetAtEnd: () => undefined },
    transmit: async (command) => card.transmit(command),
    uninterrupted: (write) => write(),
  };
}

/** A card that gives this answer to GET DATA for its container map (DF23, as Windows and OpenSC number it). */
async function withContainerMap(answer: Uint8Array): Promise<SmartCardConnection> {
  const card = gidsCard((await makeSampleCard()).state);
  return connected({
    ...card,
    transmit: (command) =>
      Buffer.from(command).toString('hex').includes('5c02df23') ? answer : card.transmit(command),
  });
}

const sampleCard = async (): Promise<CacheableCard> =>
  readCacheableCard(connected(gidsCard((await makeSampleCard()).state)));

/** The cache after Windows has read all of the card. */
function fullCache({ items, counters }: CacheableCard): Map<string, Item> {
  return new Map(
    items.map(({ name, counter, onCard }) => {
      const value = onCard.kind === 'Counter' ? Uint8Array.of(onCard.value) : onCard.bytes;
      assert.ok(value !== null);
      return [name, { freshness: counters[counter], value }];
    }),
  );
}

describe("Windows' cache of a card", () => {
  let card: CacheableCard;
  before(async () => {
    card = await sampleCard();
  });

  const states = async (items: Map<string, Item>): Promise<readonly string[]> =>
    (await compareWithCache(windowsCache(items), card)).map(({ name, state }) => `${name}: ${state}`);
  const all = (state: string): readonly string[] => card.items.map(({ name }) => `${name}: ${state}`);

  test('after Windows read the card, everything is Same', async () => {
    assert.equal(card.items.length, 8);
    assert.deepEqual(card.problems, []);
    assert.deepEqual(await states(fullCache(card)), all('Same'));
  });

  test('nothing of a card that Windows never saw is NotCached', async () => {
    assert.deepEqual(await states(new Map()), all('NotCached'));
  });

  test('copies with other counters are Stale, and gone the next time', async () => {
    const items = new Map([...fullCache(card)].map(([name, { value }]) => [name, { freshness: 99, value }]));
    assert.deepEqual(await states(items), all('Stale'));
    assert.deepEqual(await states(items), all('NotCached'));
  });

  test('an item says which card it is of, and with what counter it was asked for', async () => {
    const [, containers, files] = await compareWithCache(windowsCache(new Map()), card);
    assert.deepEqual([containers?.readerName, containers?.cardId], ['Reader A', card.cardId]);
    assert.deepEqual(
      [containers?.freshness, files?.freshness],
      [card.counters.containersFreshness, card.counters.filesFreshness],
    );
  });

  test('a file that the card refuses to give is told, and not asked for', async () => {
    const { items, problems } = await readCacheableCard(await withContainerMap(Uint8Array.of(0x69, 0x82)));
    assert.deepEqual(
      problems.map(({ id, details }) => [id, details.file, details.readerName]),
      [['CardCommandFailed', 'cmapfile', 'Reader A']],
    );
    assert.equal(items.length, 6);
    assert.ok(items.every(({ fileName }) => fileName !== 'cmapfile'));
  });

  test('a file that the card does not have is asked for: Windows may have a copy', async () => {
    const { items, problems } = await readCacheableCard(await withContainerMap(Uint8Array.of(0x6a, 0x88)));
    assert.deepEqual(problems, []);
    const maps = items.filter(({ fileName }) => fileName === 'cmapfile');
    assert.deepEqual(
      maps.map(({ onCard }) => onCard),
      [
        { kind: 'File', bytes: null },
        { kind: 'File', bytes: null },
      ],
    );
  });

  test('a card of another family has no counters to ask with: CacheUnavailable', async () => {
    await assert.rejects(readCacheableCard(connected(pivCard(newPivCard()))), {
      id: 'CacheUnavailable',
      message: /Reader A.*no GIDS card/u,
    });
  });
});

describe('after a change', () => {
  let card: CacheableCard;
  before(async () => {
    card = await sampleCard();
  });

  function change(after: Partial<CacheableCard['counters']>) {
    const certificateFiles = card.items.flatMap(({ fileName }) =>
      fileName === null || fileName === 'cmapfile' ? [] : [fileName],
    );
    return { before: card.counters, after: { ...card.counters, ...after }, certificateFiles };
  }

  async function drop(cache: CardCache, after: Partial<CacheableCard['counters']>): Promise<string[]> {
    const told: string[] = [];
    await dropStaleItems(cache, card.cardId, change(after), (message) => told.push(message));
    return told;
  }

  test('of the files, their copies are dropped and those of the containers stay', async () => {
    const items = fullCache(card);
    const told = await drop(windowsCache(items), { filesFreshness: 1000 });
    assert.deepEqual(
      [...items.keys()],
      [
        'Cached_CardmodFile\\Cached_Pin_Freshness',
        'Cached_CardmodFile\\Cached_Container_Freshness',
        'Cached_CardmodFile\\Cached_CMAPFile',
        'Cached_GeneralFile/mscp/cmapfile',
      ],
    );
    assert.match(told.join(), /4 stale copies dropped/u);
  });

  test('of nothing, nothing is asked for', async () => {
    const asked: CacheQuestion[] = [];
    const cache: CardCache = {
      ask: (_, questions) => {
        asked.push(...questions);
        return Promise.resolve([]);
      },
    };
    await drop(cache, {});
    assert.deepEqual(asked, []);
  });

  test('a cache that fails is a message and no error', async () => {
    for (const failure of [new CertPropError('PcscUnavailable', 'no service'), new TypeError('no service')]) {
      const told = await drop({ ask: () => Promise.reject(failure) }, { filesFreshness: 1000 });
      assert.match(told.join(), /stale copies may be left.*no service/u);
    }
  });
});
