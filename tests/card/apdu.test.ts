import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { announceExtendedLength, encodeCommand, expectOk, sendCommand } from '../../engine/card/apdu.js';
import { CertPropError } from '../../engine/errors.js';
import { hex } from '../../engine/text.js';
import { fromHex, plainAtr, scriptedCard, testCard } from './scripted-card.js';

const header = { cla: 0x00, ins: 0xcb, p1: 0xa0, p2: 0x10 };
const data = fromHex('5C02DF22');

/** Historical bytes 80 73 C0 01 x: card capabilities with `x` as third byte. */
const atrWithCapabilities = (third: string): Uint8Array => fromHex(`3B 85 80 01 80 73 C0 01 ${third} 00`);
const extendedAtr = atrWithCapabilities('C0');

describe('the encoding of a command (ISO 7816-4, 5.1)', () => {
  const cases: [string, Parameters<typeof encodeCommand>[0], 'short' | 'extended', string][] = [
    ['case 1', header, 'short', '00CBA010'],
    ['case 2 short', { ...header, le: 256 }, 'short', '00CBA01000'],
    ['case 2 short, Le 16', { ...header, le: 16 }, 'short', '00CBA01010'],
    ['case 3 short', { ...header, data }, 'short', '00CBA010045C02DF22'],
    ['case 4 short', { ...header, data, le: 65536 }, 'short', '00CBA010045C02DF2200'],
    ['case 2 extended', { ...header, le: 65536 }, 'extended', '00CBA010000000'],
    ['case 3 extended', { ...header, data }, 'extended', '00CBA0100000045C02DF22'],
    ['case 4 extended', { ...header, data, le: 0x1234 }, 'extended', '00CBA0100000045C02DF221234'],
  ];
  for (const [name, command, form, expected] of cases) {
    test(name, () => {
      assert.equal(hex(encodeCommand(command, form)), expected);
    });
  }

  test('more data than the form can carry is refused', () => {
    assert.throws(() => encodeCommand({ ...header, data: new Uint8Array(256) }, 'short'), {
      id: 'InternalError',
    });
    assert.throws(() => encodeCommand({ ...header, data: new Uint8Array(65536) }, 'extended'), {
      id: 'InternalError',
    });
  });
});

describe('sending a command', () => {
  test('gives data and status word apart', async () => {
    const card = scriptedCard([['00CBA010 04 5C02DF22 00', 'AABB 6282']]);
    const answer = await sendCommand(card, { ...header, data, le: 65536 });
    assert.deepEqual([hex(answer.data), answer.statusWord], ['AABB', 0x6282]);
  });

  test('61xx is followed by GET RESPONSE until the answer is whole', async () => {
    const card = scriptedCard([
      ['00CBA010 04 5C02DF22 00', '01 6100'],
      ['00C00000 00', '02 6102'],
      ['00C00000 02', '0304 9000'],
    ]);
    const answer = await sendCommand(card, { ...header, data, le: 65536 });
    assert.deepEqual([hex(answer.data), answer.statusWord], ['01020304', 0x9000]);
  });

  test('6Cxx is answered with the right Le, for GET RESPONSE too', async () => {
    const card = scriptedCard([
      ['00CBA010 04 5C02DF22 00', '6C03'],
      ['00CBA010 04 5C02DF22 03', '01 6110'],
      ['00C00000 10', '6C01'],
      ['00C00000 01', '02 9000'],
    ]);
    assert.equal(hex((await sendCommand(card, { ...header, data, le: 65536 })).data), '0102');
  });

  test('a command without Le is never sent again on 6Cxx: it could be a PIN', async () => {
    const card = scriptedCard([['00200080 01 31', '6C08']]);
    const answer = await sendCommand(card, { cla: 0, ins: 0x20, p1: 0, p2: 0x80, data: fromHex('31') });
    assert.equal(answer.statusWord, 0x6c08);
    assert.equal(card.commands.length, 1);
  });

  test('long data goes as a chain', async () => {
    const long = new Uint8Array(256).fill(7);
    const card = scriptedCard([
      [`10CBA010 FF ${'07'.repeat(255)}`, '9000'],
      ['00CBA010 01 07', '9000'],
    ]);
    assert.equal((await sendCommand(card, { ...header, data: long })).statusWord, 0x9000);
  });

  test('a refused part ends the chain', async () => {
    const card = scriptedCard([[`10CBA010 FF ${'07'.repeat(255)}`, '6884']]);
    const answer = await sendCommand(card, { ...header, data: new Uint8Array(600).fill(7) });
    assert.equal(answer.statusWord, 0x6884);
    assert.equal(card.commands.length, 1);
  });

  test('a card that speaks T=0 only gets no Le beside data', async () => {
    const card = scriptedCard(
      [
        ['00CBA010 04 5C02DF22', '6102'],
        ['00C00000 02', '0102 9000'],
      ],
      fromHex('3B 00'),
    );
    assert.equal(hex((await sendCommand(card, { ...header, data, le: 65536 })).data), '0102');
  });

  test('a secret command leaves no copy of its bytes', async () => {
    const sent: Uint8Array[] = [];
    const card = testCard((command) => {
      sent.push(command);
      return fromHex('9000');
    });
    await sendCommand(
      card,
      { cla: 0, ins: 0x20, p1: 0, p2: 0x80, data: fromHex('313233') },
      { secret: true },
    );
    assert.equal(card.commands[0], '0020008003313233');
    assert.deepEqual(sent.map(hex), ['0000000000000000']);
  });
});

describe('extended length', () => {
  const command = { ...header, data, le: 65536 };
  const extended = '00CBA010 000004 5C02DF22 0000';
  const short = '00CBA010 04 5C02DF22 00';

  test('is used where the historical bytes announce it', async () => {
    const card = scriptedCard([[extended, '01 9000']], extendedAtr);
    assert.equal(hex((await sendCommand(card, command)).data), '01');
  });

  for (const [name, atr] of [
    ['without capabilities', plainAtr],
    ['with capabilities that lack it', atrWithCapabilities('80')],
    ['with historical bytes cut off', fromHex('3B 8F 80 01 80 73 C0')],
    ['with another category of historical bytes', fromHex('3B 85 80 01 10 73 C0 01 C0 00')],
    ['that is empty', fromHex('')],
  ] as const) {
    test(`is not used with an ATR ${name}`, async () => {
      const card = testCard(() => fromHex('9000'), atr);
      await sendCommand(card, command);
      assert.ok(!card.commands[0]?.startsWith('00CBA01000'));
    });
  }

  test('is found behind other historical data, and in the form with status bytes (category 00)', async () => {
    for (const atr of ['3B 87 80 01 80 31 A0 73 C0 01 40 00', '3B 88 80 01 00 73 C0 01 40 07 90 00 00']) {
      const card = scriptedCard([[extended, '01 9000']], fromHex(atr));
      assert.equal(hex((await sendCommand(card, command)).data), '01');
    }
  });

  test('is used once the application announced it', async () => {
    const card = scriptedCard([[extended, '01 9000']]);
    announceExtendedLength(card);
    assert.equal(hex((await sendCommand(card, command)).data), '01');
  });

  test('is given up for good after 6700', async () => {
    const card = scriptedCard(
      [
        [extended, '6700'],
        [short, '01 9000'],
        [short, '02 9000'],
      ],
      extendedAtr,
    );
    await sendCommand(card, command);
    announceExtendedLength(card);
    assert.equal(hex((await sendCommand(card, command)).data), '02');
  });

  test('is given up where the reader cannot carry it', async () => {
    const card = testCard(
      (_, count) => (count === 1 ? new CertPropError('PcscFailure', 'no') : fromHex('01 9000')),
      extendedAtr,
    );
    assert.equal(hex((await sendCommand(card, command)).data), '01');
    assert.equal(card.commands[1], short.replaceAll(' ', ''));
  });

  test('a removed card is not asked again', async () => {
    const card = testCard(() => new CertPropError('CardRemoved', 'gone'), extendedAtr);
    await assert.rejects(sendCommand(card, command), { id: 'CardRemoved' });
    assert.equal(card.commands.length, 1);
  });

  test('is not used for what fits a short command', async () => {
    const card = scriptedCard([['00200080 01 31', '9000']], extendedAtr);
    await sendCommand(card, { cla: 0, ins: 0x20, p1: 0, p2: 0x80, data: fromHex('31') });
  });
});

describe('a card that misbehaves', () => {
  const command = { ...header, data, le: 65536 };
  const fails = (card: Parameters<typeof sendCommand>[0], problem: RegExp): Promise<void> =>
    assert.rejects(sendCommand(card, command), { id: 'MalformedCardData', message: problem });

  test('6100 without data, for ever', async () => {
    const card = testCard(() => fromHex('6100'));
    await fails(card, /gives none/u);
    assert.ok(card.commands.length < 4);
  });

  test('6C00, for ever', async () => {
    const card = testCard(() => fromHex('6C00'));
    assert.equal((await sendCommand(card, command)).statusWord, 0x6c00);
  });

  test('one byte at a time, for ever', async () => {
    await fails(
      testCard(() => fromHex('00 6100')),
      /does not end/u,
    );
  });

  test('more than 64 KiB', async () => {
    const answer = fromHex(`${'00'.repeat(256)}6100`);
    await fails(
      testCard(() => answer),
      /64 KiB/u,
    );
    await fails(
      testCard(() => new Uint8Array(70000)),
      /64 KiB/u,
    );
  });

  test('no status word', async () => {
    await fails(
      testCard(() => fromHex('90')),
      /no status word/u,
    );
  });

  test('anything at all ends in an answer or in CertPropError', async () => {
    const response = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom('6100', '6C00', '00 6101', '6700', '9000').map(fromHex),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(response, { minLength: 1, maxLength: 6 }),
        fc.uint8Array({ maxLength: 600 }),
        fc.uint8Array({ maxLength: 20 }),
        async (responses, body, atr) => {
          const card = testCard((_, count) => responses[count % responses.length] ?? fromHex('9000'), atr);
          const answer = await sendCommand(card, { ...command, data: body }).catch((error: unknown) => {
            assert.ok(error instanceof CertPropError, String(error));
            return null;
          });
          assert.ok(answer === null || answer.data.length <= 65536);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a refused command says what was refused, by which reader, and why in words', () => {
  const card = testCard(() => fromHex('9000'));
  assert.throws(() => expectOk(card, { data: new Uint8Array(), statusWord: 0x6982 }, 'give its file kxc00'), {
    id: 'CardCommandFailed',
    message:
      'The card in the reader "Test Reader" refused to give its file kxc00: not allowed without the PIN or key that protects it (0x6982).',
    details: { readerName: 'Test Reader', statusWord: 0x6982 },
  });
});
