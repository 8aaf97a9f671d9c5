/** How the product's engine ends while a card in a real reader is in use. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { getFile } from '../../engine/virtual/personalization.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { startEngineClient } from '../../build/engine-client.js';
import { skipWithoutPcscd, startPcscd, type Pcscd, type VirtualReader } from '../support/pcscd.js';

const script = 'module/engine/certprop.cjs';
const skip = skipWithoutPcscd();

describe('the end of input', { skip }, () => {
  let pcscd: Pcscd;
  let reader: VirtualReader;

  before(async () => {
    pcscd = await startPcscd();
    const [first] = pcscd.readers;
    assert.ok(first);
    reader = first;
  });
  after(() => pcscd.stop());

  test('ends the engine while a card does not answer', async () => {
    const { state } = await makeSampleCard();
    const card = gidsCard(state);
    const asked = signal();
    const ended = signal();
    const silent = {
      ...card,
      transmit: async (command: Uint8Array) => {
        asked.give();
        await ended.given;
        return card.transmit(command);
      },
    };
    const inserted = await insertCard(silent, reader.port);
    const engine = startEngineClient(script, pcscd.env);
    const listing = engine.request('certificate/list', {
      readers: null,
      thumbprints: null,
      roots: false,
      allSlots: false,
      pkcs11Module: null,
      trace: 'None',
    });
    listing.catch(() => undefined);
    await asked.given;
    assert.equal(await engine.end(), 0);
    ended.give();
    await inserted.remove();
  });

  test('waits for a card write that has begun', async () => {
    const { state, pin } = await makeSampleCard();
    const card = gidsCard(state);
    const begun = signal();
    const released = signal();
    const putData = 0xdb;
    const slow = {
      ...card,
      transmit: async (command: Uint8Array) => {
        if (command[1] === putData) {
          begun.give();
          await released.given;
        }
        return card.transmit(command);
      },
    };
    const inserted = await insertCard(slow, reader.port);
    const engine = startEngineClient(script, pcscd.env);
    const { counters } = await engine.request('counter/read', {
      readers: [reader.readerName],
      trace: 'None',
    });
    const [counter] = counters;
    assert.ok(counter);
    const change = engine.request('counter/write', {
      readerName: counter.readerName,
      cardId: counter.cardId,
      increment: ['File'],
      containersFreshness: null,
      filesFreshness: null,
      pin: [...Buffer.from(pin)],
      force: false,
      trace: 'None',
    });
    change.catch(() => undefined);
    await begun.given;
    const ended = engine.end();
    released.give();
    assert.equal(await ended, 0);
    const cardcf = getFile(state, { directory: '', name: 'cardcf' });
    assert.equal(cardcf?.[4], counter.filesFreshness + 1);
    await inserted.remove();
  });
});

interface Signal {
  readonly given: Promise<void>;
  readonly give: () => void;
}

function signal(): Signal {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return {
    given,
    give: () => {
      give();
    },
  };
}
