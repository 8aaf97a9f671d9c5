import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeCommand, sendCommand } from '../../engine/card/apdu.js';
import { traced } from '../../engine/card/trace.js';
import { hex } from '../../engine/text.js';
import { fromHex, testCard } from './scripted-card.js';

async function linesOf(...exchanges: [command: Uint8Array, answer: string][]): Promise<string[]> {
  const lines: string[] = [];
  const answers = exchanges.map(([, answer]) => fromHex(answer));
  const card = traced(
    testCard((_, count) => answers[count - 1] ?? fromHex('6F00')),
    (line) => lines.push(line),
  );
  for (const [command] of exchanges) await card.transmit(command);
  return lines;
}

/** The instructions that the issue names: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, the authenticate commands, key commands. */
const secretInstructions = [
  0x20, 0x21, 0x24, 0x25, 0x2c, 0x2d, 0x82, 0x86, 0x87, 0x88, 0x89, 0x46, 0x47, 0xd8, 0xd9, 0x2a, 0x2b,
];
const publicInstructions = [0xa4, 0xa5, 0xb0, 0xb1, 0xb2, 0xb3, 0xca, 0xcb, 0xe0];
const pin = Buffer.from('8-digits');

/** Every class, with and without the chaining bit, logical channels and secure messaging bits. */
const classes = Array.from({ length: 256 }, (_, cla) => cla);

describe('the trace of a card', () => {
  test('shows public commands and answers whole', async () => {
    assert.deepEqual(
      await linesOf([fromHex('00CBA010 04 5C02DF22 00'), 'DF2201AA 9000'], [fromHex('00A4040C'), '6A82']),
      ['>> 00CBA010045C02DF2200', '<< DF2201AA 9000', '>> 00A4040C', '<< 6A82'],
    );
  });

  test('shows a PIN as a number of bytes', async () => {
    assert.deepEqual(await linesOf([fromHex('00200080 04 31323334'), '63C2']), [
      '>> 00200080 [4 bytes]',
      '<< 63C2',
    ]);
  });

  test('shows an empty VERIFY and what asks for data only', async () => {
    assert.deepEqual(
      await linesOf([fromHex('00200080'), '63C3'], [fromHex('0084000008'), '0102030405060708 9000']),
      ['>> 00200080', '<< 63C3', '>> 0084000008', '<< [8 bytes] 9000'],
    );
  });

  test('blanks the data of every instruction that is not public, in every class, short and extended, with and without Le', async () => {
    const instructions = Array.from({ length: 256 }, (_, ins) => ins).filter(
      (ins) => !publicInstructions.includes(ins) && ins !== 0xdb,
    );
    assert.ok(secretInstructions.every((ins) => instructions.includes(ins)));
    for (const ins of instructions) {
      for (const cla of secretInstructions.includes(ins) ? classes : [0x00, 0x10, 0x80, 0x0c]) {
        for (const form of ['short', 'extended'] as const) {
          for (const le of [undefined, 256]) {
            const command = { cla, ins, p1: 0x01, p2: 0x80, data: pin, ...(le === undefined ? {} : { le }) };
            const [line] = await linesOf([encodeCommand(command, form), '9000']);
            assert.equal(line, `>> ${hex(Uint8Array.of(cla, ins, 0x01, 0x80))} [8 bytes]`);
          }
        }
      }
    }
  });

  test('blanks PUT DATA only where it imports a key (3FFF), whatever the class', async () => {
    for (const cla of classes) {
      const put = (p1: number, p2: number): Uint8Array =>
        encodeCommand({ cla, ins: 0xdb, p1, p2, data: pin }, 'short');
      assert.deepEqual(await linesOf([put(0x3f, 0xff), '9000'], [put(0xa0, 0x10), '9000']), [
        `>> ${hex(Uint8Array.of(cla))}DB3FFF [8 bytes]`,
        '<< 9000',
        `>> ${hex(Uint8Array.of(cla))}DBA01008${hex(pin)}`,
        '<< 9000',
      ]);
    }
  });

  test('blanks every part of a chain', async () => {
    const lines: string[] = [];
    const card = traced(
      testCard(() => fromHex('9000')),
      (line) => lines.push(line),
    );
    await sendCommand(card, { cla: 0, ins: 0xdb, p1: 0x3f, p2: 0xff, data: new Uint8Array(600).fill(0xee) });
    assert.deepEqual(lines, [
      ...['>> 10DB3FFF [255 bytes]', '<< 9000', '>> 10DB3FFF [255 bytes]', '<< 9000'],
      ...['>> 00DB3FFF [90 bytes]', '<< 9000'],
    ]);
  });

  test('blanks the answers of secret commands, also what GET RESPONSE brings', async () => {
    const authenticate = encodeCommand({ cla: 0, ins: 0x87, p1: 0, p2: 0, data: pin, le: 256 }, 'short');
    assert.deepEqual(await linesOf([authenticate, 'EEEE 6102'], [fromHex('00C0000002'), 'EEEE 9000']), [
      '>> 00870000 [8 bytes]',
      '<< [2 bytes] 6102',
      '>> 00C0000002',
      '<< [2 bytes] 9000',
    ]);
  });

  test('shows what GET RESPONSE brings of a public command', async () => {
    const lines = await linesOf([fromHex('00CB3FFF 01 00 00'), '6101'], [fromHex('00C0000001'), 'EE 9000']);
    assert.equal(lines[3], '<< EE 9000');
  });

  test('blanks everything after the header of a command whose lengths disagree', async () => {
    for (const body of ['313233', '0831', '00313233', '000031', '0031', '00000831323334']) {
      const [line] = await linesOf([fromHex(`00200080 ${body}`), '6700']);
      assert.equal(line, `>> 00200080 [${String(body.length / 2)} bytes]`);
    }
  });

  test('passes everything else on to the card', async () => {
    const card = testCard(() => fromHex('9000'));
    const wrapped = traced(card, () => undefined);
    wrapped.resetAtEnd();
    assert.equal(card.resets(), 1);
    assert.equal(await wrapped.uninterrupted(() => Promise.resolve(7)), 7);
    assert.deepEqual([wrapped.readerName, wrapped.atr], [card.readerName, card.atr]);
  });
});
