import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pinTriesLeft, verifyPin } from '../../engine/card/gids.js';
import { fromHex, scriptedCard, testCard, type TestCard } from './scripted-card.js';

const verify = '00200080 04 31323334';
const pin = Buffer.from('1234');
const of = (card: TestCard): { card: TestCard; cardId: string } => ({ card, cardId: 'AB' });
const answering = (status: string): TestCard => scriptedCard([[verify, status]]);

describe('presenting the PIN', () => {
  test('succeeds, and has the card reset at the end', async () => {
    const card = answering('9000');
    await verifyPin(of(card), pin);
    assert.equal(card.resets(), 1);
  });

  test('has the card reset at the end even if it fails', async () => {
    const card = answering('63C2');
    await assert.rejects(verifyPin(of(card), pin));
    assert.equal(card.resets(), 1);
  });

  test('presents a wrong PIN once and says how many tries are left', async () => {
    const card = answering('63C2');
    await assert.rejects(verifyPin(of(card), pin), {
      id: 'WrongPin',
      message: 'The PIN is not the one of the card in the reader "Test Reader"; 2 tries are left.',
      details: { readerName: 'Test Reader', cardId: 'AB', statusWord: 0x63c2, triesLeft: 2 },
    });
    assert.equal(card.commands.length, 1);
  });

  test('says so when one try is left, or when the card does not tell', async () => {
    await assert.rejects(verifyPin(of(answering('63C1')), pin), { message: /; one try is left\.$/u });
    await assert.rejects(verifyPin(of(answering('6300')), pin), { id: 'WrongPin', message: /does not say/u });
  });

  test('a PIN that is blocked, before or by this try', async () => {
    for (const status of ['6983', '6984', '63C0']) {
      await assert.rejects(verifyPin(of(answering(status)), pin), {
        id: 'PinBlocked',
        message: /"Test Reader"/u,
      });
    }
  });

  test('a PIN of a form that the card refuses', async () => {
    for (const status of ['6A80', '6700']) {
      await assert.rejects(verifyPin(of(answering(status)), pin), { id: 'PinInvalid' });
    }
  });

  test('a PIN that is empty or too long is not sent: an empty one would only ask for the tries', async () => {
    for (const length of [0, 128]) {
      const card = testCard(() => fromHex('9000'));
      await assert.rejects(verifyPin(of(card), new Uint8Array(length)), { id: 'PinInvalid' });
      assert.deepEqual([card.commands.length, card.resets()], [0, 0]);
    }
  });

  test('any other refusal has its status word', async () => {
    await assert.rejects(verifyPin(of(answering('6A88')), pin), {
      id: 'CardCommandFailed',
      message: /refused to check the PIN: data object not found \(0x6A88\)/u,
    });
  });

  test('no error holds the PIN', async () => {
    for (const status of ['63C2', '6983', '6A80', '6A88', '']) {
      const error: unknown = await verifyPin(of(answering(status)), pin).catch((reason: unknown) => reason);
      assert.ok(error instanceof Error);
      assert.ok(!`${JSON.stringify(error)} ${error.message}`.includes('1234'));
      assert.ok(!`${JSON.stringify(error)} ${error.message}`.includes('31323334'));
    }
  });

  test('leaves no PIN in the command that was sent', async () => {
    const sent: Uint8Array[] = [];
    const card = testCard((command) => {
      sent.push(command);
      return fromHex('9000');
    });
    await verifyPin(of(card), pin);
    assert.ok(sent.length === 1 && sent[0]?.every((byte) => byte === 0));
    assert.equal(pin.toString(), '1234');
  });
});

describe('the tries that are left', () => {
  const empty = '00200080';
  const state = '00CB3FFF 04 5C027F71 00';

  test('come from an empty VERIFY', async () => {
    assert.equal(await pinTriesLeft(of(scriptedCard([[empty, '63C3']]))), 3);
    assert.equal(await pinTriesLeft(of(scriptedCard([[empty, '6983']]))), 0);
  });

  test('come from the PIN state where an empty VERIFY does not tell', async () => {
    const card = (answer: string): TestCard =>
      scriptedCard([
        [empty, '9000'],
        [state, answer],
      ]);
    assert.equal(await pinTriesLeft(of(card('7F71 06 97 01 02 93 01 03 9000'))), 2);
    assert.equal(await pinTriesLeft(of(card('7F71 07 9F17 01 01 93 01 03 9000'))), 1);
    assert.equal(await pinTriesLeft(of(card('7F71 00 9000'))), null);
    assert.equal(await pinTriesLeft(of(card('6A88'))), null);
  });

  test('asking does not have the card reset', async () => {
    const card = scriptedCard([[empty, '63C3']]);
    await pinTriesLeft(of(card));
    assert.equal(card.resets(), 0);
  });
});
