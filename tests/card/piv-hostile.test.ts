/** Cards that lie, by accident or on purpose: over 10,000 of them, made from what a real card has answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeCertificateObject } from '../../engine/card/piv-certificate-object.js';
import { CertPropError } from '../../engine/errors.js';
import { ecCertificate, rsaCertificate, rsaCertificateFile } from './fixtures.js';
import {
  certificateObject,
  field,
  pivObjectCard,
  readPiv,
  recorded,
  type PivReading,
} from './piv-object-card.js';
import { fromHex, testCard, type TestCard } from './scripted-card.js';

/** The largest that a certificate may become. */
const largest = 0xffff;
/** SELECT, serial number, CHUID, 24 slots and the key history. */
const mostObjects = 28;

/** What the objects of certificates hold, as cards have them. */
const contents = [rsaCertificate, ecCertificate, gzipSync(rsaCertificate), rsaCertificateFile].map((value) =>
  certificateObject(value, 1).subarray(4),
);

/** Bytes changed in one of the ways in which they get damaged. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const position = fc.nat({ max: Math.max(bytes.length - 1, 0) });
  const beginning = fc.nat({ max: Math.min(bytes.length - 1, 24) });
  const withByte = (at: number, byte: number): Uint8Array => bytes.with(at, byte);
  return fc.oneof(
    position.map((end) => bytes.slice(0, end)),
    fc.tuple(position, fc.nat({ max: 7 })).map(([at, bit]) => withByte(at, (bytes[at] ?? 0) ^ (1 << bit))),
    fc.tuple(beginning, fc.nat({ max: 255 })).map(([at, byte]) => withByte(at, byte)),
    fc
      .tuple(position, fc.uint8Array({ maxLength: 40 }))
      .map(([at, more]) => Uint8Array.from([...bytes.subarray(0, at), ...more, ...bytes.subarray(at)])),
    fc
      .tuple(position, position)
      .map(([from, to]) => Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(to)])),
  );
}

/** A compressed stream in whose declared length, format and trailer nothing can be trusted. */
const lyingStreams = fc
  .record({
    size: fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: 2 * largest })),
    declared: fc.oneof(fc.nat({ max: 3000 }), fc.nat({ max: 0xffffffff })),
    gzip: fc.boolean(),
    cut: fc.nat({ max: 12 }),
    copies: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ size, declared, gzip, cut, copies }) => {
    const plain = Buffer.alloc(size, 0x30);
    if (!gzip) {
      const header = Uint8Array.of(1, 0, declared & 0xff, (declared >> 8) & 0xff);
      return Buffer.concat([header, deflateSync(plain)]);
    }
    const stream = gzipSync(plain);
    stream.writeUInt32LE(declared, stream.length - 4);
    const whole = Buffer.concat(Array.from({ length: copies }, () => stream));
    return whole.subarray(0, whole.length - cut);
  });

/** A certificate within bounds, none, or the right error; nothing else. */
function decodesOrFails(content: Uint8Array): void {
  try {
    assert.ok((decodeCertificateObject(content)?.length ?? 0) <= largest);
  } catch (error) {
    assert.ok(error instanceof CertPropError && error.id === 'MalformedCardData', String(error));
  }
}

/** Null for a card that can't be opened. */
async function readsOrFails(card: TestCard): Promise<PivReading | null> {
  const reading = await readPiv(card).catch((error: unknown) => {
    assert.ok(error instanceof CertPropError && error.id === 'MalformedCardData', String(error));
    return null;
  });
  for (const file of reading?.files ?? []) {
    if ('error' in file) assert.ok(['MalformedCardData', 'CardCommandFailed'].includes(file.error.id));
    else assert.ok(file.certificate.length <= largest);
  }
  return reading;
}

describe('a hostile PIV card', () => {
  test('with a damaged certificate object is refused or read, never worse (6000 cases)', () => {
    const objects = fc.constantFrom(...contents).chain(damaged);
    fc.assert(fc.property(objects, decodesOrFails), { numRuns: 6000 });
  });

  test('with random certificate objects is refused or read, never worse (2000 cases)', () => {
    const values = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => field(0x70, fromHex('1F8B0800'), bytes)),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => field(0x70, fromHex('0100'), bytes)),
    );
    fc.assert(fc.property(values, decodesOrFails), { numRuns: 2000 });
  });

  test('with compressed data that lies about its length is refused or read, never worse (1500 cases)', () => {
    fc.assert(
      fc.property(lyingStreams, (stream) => decodesOrFails(field(0x70, stream))),
      { numRuns: 1500 },
    );
  });

  test('with damaged answers gives errors for its objects, and is asked no more than they need (2000 cases)', async () => {
    const exchanges = recorded('pivapplet-short').map(
      ([command, response]) => [command, fromHex(response)] as const,
    );
    const answers = new Map(exchanges);
    const parts = exchanges.flatMap(([command, response]) => (command.startsWith('00C0') ? [response] : []));
    const damage = fc.nat({ max: exchanges.length - 1 }).chain((index) => {
      const [command = '', response = new Uint8Array()] = exchanges[index] ?? [];
      return damaged(response).map((answer) => ({ command, answer }));
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ command, answer }) => {
        let part = 0;
        const card = testCard((bytes) => {
          const asked = Buffer.from(bytes).toString('hex').toUpperCase();
          if (asked === command) return answer;
          if (asked.startsWith('00C0')) return parts[part++ % parts.length] ?? fromHex('6F00');
          return answers.get(asked) ?? fromHex('6A82');
        });
        await readsOrFails(card);
        assert.ok(card.commands.length <= mostObjects * 260, String(card.commands.length));
      }),
      { numRuns: 2000 },
    );
  });

  test('with random answers to everything gives errors for its objects, or none of them (1500 cases)', async () => {
    const answer = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from([...bytes, 0x90, 0x00])),
      fc
        .uint8Array({ maxLength: 60 })
        .map((bytes) => Uint8Array.from([0x53, bytes.length, ...bytes, 0x90, 0x00])),
      fc.constantFrom('6A82', '6A88', '6982', '6D00', '6700', '6C10', '6105', '9000').map(fromHex),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 40 }), async (answers) => {
        const card = testCard((_, count) =>
          count === 1
            ? fromHex('61084F06000010000100 9000')
            : (answers[count % answers.length] ?? fromHex('9000')),
        );
        await readsOrFails(card);
      }),
      { numRuns: 1500 },
    );
  });

  test('that always promises more is given up', async () => {
    for (const promise of ['6100', '3061FF', '9000 61FF', '6C01']) {
      const card = testCard((command) =>
        fromHex(command[1] === 0xa4 ? '61084F06000010000100 9000' : promise),
      );
      await readsOrFails(card);
      assert.ok(card.commands.length <= mostObjects + 1025, String(card.commands.length));
    }
  });

  test('with bombs in all slots costs the memory of one', async () => {
    const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024), { level: 9 });
    bomb.writeUInt32LE(largest, bomb.length - 4);
    const object = certificateObject(bomb, 1);
    const objects = Object.fromEntries(
      Array.from({ length: 0x20 }, (_, index) => [
        `5FC1${(index + 1).toString(16).toUpperCase().padStart(2, '0')}`,
        object,
      ]),
    );
    const before = process.memoryUsage().rss;
    const reading = await readPiv(pivObjectCard({ objects }), true);
    assert.equal(reading?.files.length, 24);
    assert.ok(reading.files.every((file) => 'error' in file && file.error.id === 'MalformedCardData'));
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024);
  });
});
