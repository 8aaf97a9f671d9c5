/** Cards that lie, by accident or on purpose: over 10,000 of them, made from what real cards have answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseApplicationData } from '../../engine/card/openpgp-application-data.js';
import { openOpenpgp } from '../../engine/card/openpgp.js';
import { CertPropError } from '../../engine/errors.js';
import { hex } from '../../engine/text.js';
import { collect } from '../support/collect.js';
import { certificates, dataOf, openpgpObjectCard, recorded, type Objects } from './openpgp-object-card.js';
import { fromHex, testCard, type TestCard } from './scripted-card.js';

const descriptions = Object.values(dataOf).map(fromHex);
const publicKeys = recorded('smartpgp-three-certificates')
  .filter(([command, response]) => command.startsWith('0047') && response.endsWith('9000'))
  .map(([, response]) => fromHex(response.slice(0, -4)));
const keyInformation = fromHex('DE06010102010301');

/** SELECT, description, key information, three certificates with SELECT DATA in two forms, three public keys. */
const mostCommands = 12;
/** 64 KiB in answers of 256 bytes, each with its GET RESPONSE. */
const mostRounds = 1100;

/** Bytes changed in one of the ways in which they get damaged, or lie about their lengths. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat({ max: bytes.length - 1 });
  const beginning = fc.nat({ max: Math.min(bytes.length - 1, 40) });
  return fc.oneof(
    position.map((end) => bytes.slice(0, end)),
    fc.tuple(position, fc.nat({ max: 7 })).map(([at, bit]) => bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit))),
    fc.tuple(beginning, fc.nat({ max: 255 })).map(([at, byte]) => bytes.with(at, byte)),
    fc
      .tuple(beginning, fc.constantFrom('00', '7F', '80', '81FF', '82FFFF', '83FFFFFF', '84FFFFFFFF', '85'))
      .map(([at, length]) =>
        Uint8Array.from([...bytes.subarray(0, at), ...fromHex(length), ...bytes.subarray(at)]),
      ),
    fc
      .tuple(position, fc.uint8Array({ maxLength: 40 }))
      .map(([at, more]) => Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)])),
    fc.uint8Array({ maxLength: 300 }),
  );
}

const statusWord = fc.constantFrom(
  '9000',
  '9000',
  '9000',
  '6282',
  '6982',
  '6A80',
  '6A82',
  '6A88',
  '6D00',
  '6F00',
);

function answer(whole: readonly Uint8Array[]): fc.Arbitrary<string> {
  const bytes = fc.constantFrom(...whole).chain((one) => fc.oneof(fc.constant(one), damaged(one)));
  return fc.tuple(bytes, statusWord).map(([data, status]) => hex(data) + status);
}

const cardObjects: fc.Arbitrary<Objects> = fc
  .record({
    description: fc.constantFrom(...descriptions).chain((one) => fc.oneof(fc.constant(one), damaged(one))),
    certificates: fc.array(answer(Object.values(certificates)), { maxLength: 3 }),
    keyInformation: answer([keyInformation]),
    publicKey: answer(publicKeys),
    selected: statusWord,
  })
  .map(({ description, selected, ...objects }) => ({
    ...objects,
    description: hex(description),
    selectData: () => selected,
  }));

/** Everything that is ever read from a card; the bytes of certificates, and the identifiers of the errors. */
async function readEverything(card: TestCard): Promise<readonly (Uint8Array | string)[]> {
  try {
    const application = await openOpenpgp(card);
    if (application === null) return [];
    const files = await collect(application.certificates({ allSlots: true }));
    for (const file of files) if (!('error' in file)) await application.publicKey(file);
    return files.map((file) => ('error' in file ? file.error.id : file.certificate));
  } catch (error) {
    assert.ok(error instanceof CertPropError, String(error));
    return [error.id];
  }
}

const errorIds: ReadonlySet<string> = new Set(['MalformedCardData', 'CardCommandFailed']);

describe('an OpenPGP card that lies', () => {
  test('in its objects: only whole sequences or an error for a card come out, in few commands (8,000 cards)', async () => {
    await fc.assert(
      fc.asyncProperty(cardObjects, async (objects) => {
        const card = openpgpObjectCard(objects);
        for (const result of await readEverything(card)) {
          if (typeof result === 'string') assert.ok(errorIds.has(result), result);
          else assert.equal(result[0], 0x30);
        }
        assert.ok(card.commands.length <= mostCommands, card.commands.join('\n'));
      }),
      { numRuns: 8000 },
    );
  });

  test('in its description: it is read or refused (3,000 descriptions)', () => {
    fc.assert(
      fc.property(fc.constantFrom(...descriptions).chain(damaged), (bytes) => {
        try {
          const { serial, fingerprinted } = parseApplicationData(bytes);
          assert.equal(serial.length, 4);
          assert.ok(fingerprinted.size <= 3);
        } catch (error) {
          assert.ok(error instanceof CertPropError && error.id === 'MalformedCardData', String(error));
        }
      }),
      { numRuns: 3000 },
    );
  });

  test('with any answers at all (2,000 cards)', async () => {
    const anyStatus = fc.constantFrom('9000', '6100', '61FF', '6C10', '6C00', '6A88', '6A80', '6982');
    const anyAnswer = fc
      .tuple(fc.uint8Array({ maxLength: 260 }), anyStatus)
      .map(([data, status]) => fromHex(hex(data) + status));
    const [yubikey = new Uint8Array()] = descriptions;
    await fc.assert(
      fc.asyncProperty(fc.array(anyAnswer, { minLength: 1, maxLength: 12 }), async (answers) => {
        const card = testCard((command, count) => {
          if (command[1] === 0xa4) return fromHex('9000');
          if (count === 2 && answers.length > 1) return fromHex(`${hex(yubikey)}9000`);
          return answers[count % answers.length] ?? fromHex('9000');
        });
        await readEverything(card);
        assert.ok(card.commands.length <= mostCommands * mostRounds);
      }),
      { numRuns: 2000 },
    );
  });

  test('with a certificate that never ends', async () => {
    const full = fromHex(`${'30'.repeat(256)}6100`);
    const [yubikey = new Uint8Array()] = descriptions;
    const card = testCard((command, count) => {
      if (command[1] === 0xa4) return fromHex('9000');
      return count === 2 ? fromHex(`${hex(yubikey)}9000`) : full;
    });
    assert.deepEqual(await readEverything(card), [
      'MalformedCardData',
      'MalformedCardData',
      'MalformedCardData',
    ]);
    assert.ok(card.commands.length < mostCommands * mostRounds);
  });
});
