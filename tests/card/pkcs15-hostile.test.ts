/** Cards that lie, by accident or on purpose: over 10,000 of them, made from what cards of other makers hold. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openPkcs15 } from '../../engine/card/pkcs15.js';
import { CertPropError } from '../../engine/errors.js';
import { hex } from '../../engine/text.js';
import { ecCertificate } from './fixtures.js';
import { imageCard, loadImage, type Behavior, type Image, type ImageFile } from './pkcs15-image.js';
import { certificateEntry, der, madeImage, path, privateKeyEntry, publicKeyEntry } from './pkcs15-made.js';
import { fromHex, testCard, type TestCard } from './scripted-card.js';

/** What one transaction may send, and a few SELECTs that a file takes where the card refuses the first. */
const mostCommands = 5 * 4096;

const expectedErrors: ReadonlySet<string> = new Set([
  'CardCommandFailed',
  'CardObjectNotFound',
  'MalformedCardData',
]);

const small = madeImage({
  '5031': Buffer.concat([
    der(0xa0, path('3F0050154402')),
    der(0xa1, path('4404')),
    der(0xa4, path('4403')),
    der(0xa5, der(0xa0, certificateEntry({ id: '03', value: path('4301') }))),
    der(0xa6, path('4405', { offset: 0, length: 60 })),
  ]),
  '4402': Buffer.concat([privateKeyEntry('01', '0520'), privateKeyEntry('02', '0460', 0xa0)]),
  '4403': Buffer.concat([
    certificateEntry({ id: '01', label: 'One', value: path('4301') }),
    certificateEntry({ id: '02', value: path('4302', { offset: 7, length: ecCertificate.length }) }),
    certificateEntry({ id: '04', authority: true, value: der(0xa0, ecCertificate.subarray(0, 60)) }),
  ]),
  '4404': publicKeyEntry('01', path('5501')),
  '4405': certificateEntry({ id: '05', value: path('4301') }),
  '4301': ecCertificate,
  '4302': Buffer.concat([Buffer.alloc(7), ecCertificate]),
  '5501': der(0x30, der(0x02, Buffer.alloc(64, 3)), der(0x02, fromHex('010001'))),
});

async function readEverything(card: TestCard): Promise<void> {
  const application = await openPkcs15(card);
  if (application === null) return;
  assert.match(application.cardId, /^[0-9A-F]+(-[0-9A-Z_]+)?$|^KEY-[0-9A-F]{32}$/);
  for (const files of [application.certificates({ allSlots: true }), application.roots()]) {
    for await (const file of files) {
      if ('error' in file) assert.ok(expectedErrors.has(file.error.id), file.error.id);
      else await application.publicKey(file);
    }
  }
}

async function readsOrFailsRightly(card: TestCard): Promise<void> {
  try {
    await readEverything(card);
  } catch (error) {
    assert.ok(error instanceof CertPropError, String(error));
    assert.ok(expectedErrors.has(error.id), error.id);
  }
  assert.ok(card.commands.length <= mostCommands, `${String(card.commands.length)} commands`);
}

/** Bytes changed in one of the ways in which they get damaged, or lie about their lengths. */
function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const last = Math.max(bytes.length - 1, 0);
  const position = fc.nat({ max: last });
  return fc.oneof(
    position.map((end) => bytes.slice(0, end)),
    fc
      .array(fc.tuple(position, fc.nat({ max: 7 })), { minLength: 1, maxLength: 4 })
      .map((flips) => flips.reduce((all, [at, bit]) => all.with(at, (all[at] ?? 0) ^ (1 << bit)), bytes)),
    fc.tuple(position, fc.nat({ max: 255 })).map(([at, byte]) => bytes.with(at, byte)),
    fc
      .tuple(position, fc.constantFrom('00', '7F', '80', '81FF', '82FFFF', '83FFFFFF', '84FFFFFFFF', '85'))
      .map(([at, length]) => Buffer.concat([bytes.subarray(0, at), fromHex(length), bytes.subarray(at + 1)])),
    position.map((at) => Buffer.concat([bytes.subarray(0, at), ...Array<Uint8Array>(9).fill(bytes)])),
    fc.uint8Array({ maxLength: 300 }),
  );
}

function damagedFile(file: ImageFile): fc.Arbitrary<ImageFile> {
  const content = fromHex(file.content ?? '00');
  return damaged(content.length === 0 ? Uint8Array.of(0) : content).map((bytes) => ({
    ...file,
    content: hex(bytes),
    size: Math.max(bytes.length, file.size ?? 0),
  }));
}

/** Some of the card's files damaged, what SELECT says of them too. */
function damagedImage(image: Image): fc.Arbitrary<Image> {
  const elementary = image.files.filter(({ content }) => content !== null);
  return fc
    .subarray(elementary, { minLength: 1, maxLength: 3 })
    .chain((chosen) => fc.tuple(...chosen.map(damagedFile)))
    .chain((changed) =>
      fc.tuple(fc.constant(changed), damaged(fromHex(changed[0]?.control ?? '6F00')), fc.nat({ max: 3 })),
    )
    .map(([changed, control, which]) => ({
      ...image,
      files: image.files.map((file) => {
        const other = changed.find((candidate) => candidate.path === file.path) ?? file;
        return which === 0 && other === changed[0] ? { ...other, control: hex(control) } : other;
      }),
    }));
}

const behaviors: fc.Arbitrary<Behavior> = fc.constantFrom(
  { start: '5015' },
  { start: '5015', refusesPaths: 0x6a86 },
  { start: '', hidden: true },
  { start: '5015', refusesControlInformation: true, takesFarOffsets: true },
);

describe('whatever a card says, it is read, or refused with the right error, within bounds', () => {
  test('with damaged files (7,000 cards)', async () => {
    await fc.assert(
      fc.asyncProperty(damagedImage(small), behaviors, (image, behavior) =>
        readsOrFailsRightly(imageCard(image, behavior)),
      ),
      { numRuns: 7000 },
    );
  });

  for (const name of ['myeid', 'isoapplet'] as const) {
    test(`with damaged files of the card ${name} (1,000 cards)`, async () => {
      const behavior: Behavior = { start: name === 'myeid' ? '5015' : '' };
      await fc.assert(
        fc.asyncProperty(damagedImage(loadImage(name)), (image) =>
          readsOrFailsRightly(imageCard(image, behavior)),
        ),
        { numRuns: 1000 },
      );
    });
  }

  test('with arbitrary answers (1,500 cards)', async () => {
    const statusWord = fc.constantFrom(
      '9000',
      '9000',
      '9000',
      '6282',
      '6982',
      '6A82',
      '6A86',
      '6B00',
      '6CFF',
      '6D00',
    );
    const files = small.files.map(({ content }) => fromHex(content ?? ''));
    const data = fc.oneof(fc.constantFrom(...files), fc.uint8Array({ maxLength: 64 }));
    const answers = fc.array(fc.tuple(data, statusWord), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(answers, (list) =>
        readsOrFailsRightly(
          testCard((_, count) => {
            const [bytes, status] = list[count % list.length] ?? [new Uint8Array(), '6F00'];
            return Buffer.concat([bytes.subarray(0, 256), fromHex(status)]);
          }),
        ),
      ),
      { numRuns: 1500 },
    );
  });
});

describe('a card without end', () => {
  const entries = (count: number, place: (number: number) => Uint8Array) =>
    Buffer.concat(
      Array.from({ length: count }, (_, number) => certificateEntry({ id: '01', value: place(number) })),
    );

  test('that gives one byte at a time is left', async () => {
    const card = testCard((command) => {
      if (command[1] === 0xa4) return fromHex('9000');
      return fromHex(((command[2] ?? 0) << 8) + (command[3] ?? 0) === 0 ? '3082FFFF9000' : '019000');
    });
    await readsOrFailsRightly(card);
    assert.ok(card.commands.length < 5000, `${String(card.commands.length)} commands`);
  });

  test('whose directories name the same large file over and over is left', async () => {
    const large = Buffer.concat([fromHex('3082FFF0'), Buffer.alloc(0xfff0)]);
    const image = madeImage({
      '5031': Buffer.concat(
        [0xa4, 0xa5, 0xa6].flatMap((tag) => [der(tag, path('4403')), der(tag, path('3F0050154403'))]),
      ),
      '4403': entries(200, (number) => path('4301', { offset: number, length: 0xff00 })),
      '4301': large,
    });
    const card = imageCard(image, { start: '5015', takesFarOffsets: true });
    await readsOrFailsRightly(card);
    assert.ok(card.commands.length < 9000, `${String(card.commands.length)} commands`);
  });

  test('that lists thousands of objects is left', async () => {
    const image = madeImage({
      '5031': der(0xa4, path('4403')),
      '4403': entries(1000, () => path('4399')),
    });
    const card = imageCard(image, { start: '5015' });
    const application = await openPkcs15(card);
    assert.ok(application);
    const files = [];
    for await (const file of application.certificates({ allSlots: false })) files.push(file);
    const last = files.at(-1);
    assert.ok(last && 'error' in last);
    assert.equal(last.error.id, 'MalformedCardData');
    assert.equal(files.length, 257);
  });

  test('whose paths go round in circles is left', async () => {
    const image = madeImage({
      '5031': Buffer.concat([
        der(0xa4, path('5015'.repeat(20))),
        der(0xa5, path('5015'.repeat(8))),
        der(0xa6, path('3F00')),
      ]),
    });
    await readsOrFailsRightly(imageCard(image, { start: '5015' }));
  });
});
