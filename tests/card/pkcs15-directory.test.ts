import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CardCertificateFile, UnreadableFile } from '../../engine/card/card.js';
import { parsePrivateKeyObject } from '../../engine/card/pkcs15-directory.js';
import { openPkcs15 } from '../../engine/card/pkcs15.js';
import { parseDataObjects } from '../../engine/card/tlv.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';
import { collect } from '../support/collect.js';
import { ecCertificate, rootCertificate, rsaCertificate } from './fixtures.js';
import { imageCard, type Behavior, type Image } from './pkcs15-image.js';
import { certificateEntry, der, madeImage, path, privateKeyEntry, publicKeyEntry } from './pkcs15-made.js';
import { fromHex } from './scripted-card.js';

const behavior: Behavior = { start: '5015' };
const signOnly = '0520';
const decryptToo = '0460';

async function read(image: Image, changed: Partial<Behavior> = {}) {
  const card = imageCard(image, { ...behavior, ...changed });
  const application = await openPkcs15(card);
  assert.ok(application);
  const certificates = await collect(application.certificates({ allSlots: false }));
  return { card, application, certificates, roots: await collect(application.roots()) };
}

function summary(files: readonly (CardCertificateFile | UnreadableFile)[]) {
  return files.map((file) =>
    'error' in file
      ? [file.fileName, file.error.id]
      : [file.fileName, file.label, file.slot, file.key, file.keySpec, hex(file.certificate.subarray(4, 40))],
  );
}

const beginning = (certificate: Uint8Array) => hex(certificate.subarray(4, 40));

describe('the object directory', () => {
  test('names the holder’s, trusted and useful certificates, and keys', async () => {
    const { certificates, roots } = await read(
      madeImage({
        '5031': Buffer.concat([
          der(0xa0, path('3F0050154402')),
          der(0xa4, path('3F0050154403')),
          der(0xa5, path('4405')),
          der(0xa6, path('3FFF4406')),
        ]),
        '4402': Buffer.concat([privateKeyEntry('45', signOnly), privateKeyEntry('46', decryptToo, 0xa0)]),
        '4403': Buffer.concat([
          certificateEntry({ id: '45', label: 'Mine', value: path('4301') }),
          certificateEntry({ id: '46', label: 'My authority key', authority: true, value: path('4302') }),
        ]),
        '4405': certificateEntry({ id: '99', label: 'Trusted', value: path('4303') }),
        '4406': certificateEntry({ id: '98', value: path('4302') }),
        '4301': rsaCertificate,
        '4302': ecCertificate,
        '4303': rootCertificate,
      }),
    );
    assert.deepEqual(summary(certificates), [
      ['50154301', 'Mine', '45', 'Unnamed', 'Signature', beginning(rsaCertificate)],
      ['50154302', 'My authority key', '46', 'Unnamed', 'KeyExchange', beginning(ecCertificate)],
      ['50154302', null, null, 'None', 'KeyExchange', beginning(ecCertificate)],
    ]);
    assert.deepEqual(summary(roots), [
      ['50154303', 'Trusted', null, 'None', null, beginning(rootCertificate)],
    ]);
  });

  test('may hold the objects itself', async () => {
    const { certificates } = await read(
      madeImage({
        '5031': Buffer.concat([
          der(0xa0, der(0xa0, privateKeyEntry('01', signOnly))),
          der(0xa4, der(0xa0, certificateEntry({ id: '01', value: path('4301') }))),
        ]),
        '4301': rsaCertificate,
      }),
    );
    assert.deepEqual(summary(certificates), [
      ['50154301', null, '01', 'Unnamed', 'Signature', beginning(rsaCertificate)],
    ]);
  });

  test('that names itself as a directory of certificates lists none', async () => {
    const { certificates, card } = await read(madeImage({ '5031': der(0xa4, path('5031')) }));
    assert.deepEqual(certificates, []);
    assert.ok(card.commands.length < 10);
  });

  test('with no certificates costs no look at the keys', async () => {
    const odf = Buffer.concat([der(0xa0, path('4402')), der(0xa4, path('4403'))]);
    const { card } = await read(madeImage({ '5031': odf, '4402': Buffer.alloc(0), '4403': Buffer.alloc(0) }));
    assert.ok(!card.commands.some((command) => command.includes('4402')));
  });
});

describe('a certificate', () => {
  test('may lie in its directory', async () => {
    const { certificates } = await read(
      madeImage({
        '5031': der(0xa4, path('4403')),
        '4403': Buffer.concat([
          certificateEntry({ id: '01', label: 'Direct', value: der(0xa0, rsaCertificate) }),
          certificateEntry({ id: '02', label: 'Direct too', value: der(0xa0, ecCertificate) }),
        ]),
      }),
    );
    assert.deepEqual(summary(certificates), [
      ['50154403#0', 'Direct', null, 'None', 'KeyExchange', beginning(rsaCertificate)],
      ['50154403#1', 'Direct too', null, 'None', 'KeyExchange', beginning(ecCertificate)],
    ]);
  });

  test('may be one of several in a file, at an offset and with a length', async () => {
    const store = Buffer.concat([Buffer.alloc(300, 0xaa), rsaCertificate, ecCertificate]);
    const second = { offset: 300 + rsaCertificate.length, length: ecCertificate.length };
    const { certificates, card } = await read(
      madeImage({
        '5031': der(0xa4, path('4403')),
        '4403': Buffer.concat([
          certificateEntry({ id: '01', value: path('4301', { offset: 300, length: rsaCertificate.length }) }),
          certificateEntry({ id: '02', value: path('4301', second) }),
        ]),
        '4301': store,
      }),
    );
    assert.deepEqual(summary(certificates), [
      ['50154301@300', null, null, 'None', 'KeyExchange', beginning(rsaCertificate)],
      [`50154301@${String(second.offset)}`, null, null, 'None', 'KeyExchange', beginning(ecCertificate)],
    ]);
    assert.ok(certificates.every((file) => 'certificate' in file));
    assert.ok(card.commands.includes('00B0012C00'), 'reads from the offset on');
  });

  test('beyond byte 32,767 is read with the odd instruction', async () => {
    const offset = 0x8100;
    const store = Buffer.concat([Buffer.alloc(offset), ecCertificate]);
    const place = path('4301', { offset, length: ecCertificate.length });
    const image = madeImage({
      '5031': der(0xa4, path('4403')),
      '4403': certificateEntry({ id: '01', value: place }),
      '4301': store,
    });
    const { certificates } = await read(image, { takesFarOffsets: true });
    const [file] = certificates;
    assert.ok(file && 'certificate' in file);
    assert.deepEqual(file.certificate, ecCertificate);
    assert.equal(summary((await read(image)).certificates)[0]?.[1], 'CardCommandFailed');
  });

  test('ends where its length says, whatever fills the file', async () => {
    for (const byte of ['00', 'FF', '30']) {
      const odf = Buffer.concat([der(0xa4, path('4403')), Buffer.of(0)]);
      const cdf = Buffer.concat([certificateEntry({ id: '01', value: path('4301') }), Buffer.of(0)]);
      const image = madeImage({ '5031': odf, '4403': cdf, '4301': rsaCertificate }, { size: 700, byte });
      const { certificates, card } = await read(image);
      assert.deepEqual(
        certificates.map((file) => 'certificate' in file && Buffer.from(file.certificate)),
        [Buffer.from(rsaCertificate)],
      );
      const reads = card.commands.filter((command) => command.startsWith('00B0'));
      assert.equal(reads.length, 3 + Math.ceil(rsaCertificate.length / 256));
    }
  });

  test('that is absent, cut off, something else or behind a PIN does not hide the others', async () => {
    const image = madeImage({
      '5031': Buffer.concat([der(0xa4, path('4403'))]),
      '4403': Buffer.concat([
        certificateEntry({ id: '01', value: path('4301') }),
        certificateEntry({ id: '02', value: path('4302') }),
        certificateEntry({ id: '03', value: path('4303') }),
        certificateEntry({ id: '04', value: path('4304') }),
        certificateEntry({ id: '05', value: path('4304', { offset: 10, length: 9000 }) }),
        der(0x30, der(0x30), der(0x30)),
        certificateEntry({ id: '06', value: der(0x13, Buffer.from('http://example.com')) }),
        certificateEntry({ id: '07', value: path('4307') }),
      ]),
      '4302': rsaCertificate.subarray(0, 500),
      '4303': Buffer.from('not a certificate'),
      '4304': Buffer.alloc(0),
      '4307': ecCertificate,
    });
    assert.deepEqual(summary((await read(image)).certificates), [
      ['50154301', 'CardObjectNotFound'],
      ['50154302', 'MalformedCardData'],
      ['50154303', 'MalformedCardData'],
      ['50154304', 'MalformedCardData'],
      ['50154304@10', 'MalformedCardData'],
      ['50154403#5', 'MalformedCardData'],
      ['50154403#6', 'MalformedCardData'],
      ['50154307', null, null, 'None', 'KeyExchange', beginning(ecCertificate)],
    ]);
  });

  test('before the end of a directory that is cut off is read', async () => {
    const whole = certificateEntry({ id: '01', value: path('4301') });
    const cdf = Buffer.concat([whole, whole.subarray(0, 20)]);
    const image = madeImage({ '5031': der(0xa4, path('4403')), '4403': cdf, '4301': ecCertificate });
    assert.deepEqual(summary((await read(image)).certificates), [
      ['50154301', null, null, 'None', 'KeyExchange', beginning(ecCertificate)],
      ['50154403#1', 'MalformedCardData'],
    ]);
  });
});

describe('a private key', () => {
  const withKeys = (prKdf: Uint8Array) =>
    madeImage({
      '5031': Buffer.concat([der(0xa0, path('4402')), der(0xa4, path('4403'))]),
      '4402': prKdf,
      '4403': certificateEntry({ id: '01', value: path('4301') }),
      '4301': ecCertificate,
    });

  test('for signing and nothing else is a signature key; others exchange keys', async () => {
    for (const [usage, keySpec] of [
      ['0520', 'Signature'],
      ['060040', 'Signature'],
      ['0460', 'KeyExchange'],
      ['0224', 'KeyExchange'],
      ['07A080', 'KeyExchange'],
      ['0640', 'KeyExchange'],
      ['00', 'KeyExchange'],
    ] as const) {
      const { certificates } = await read(withKeys(privateKeyEntry('01', usage)));
      assert.equal(summary(certificates)[0]?.[4], keySpec, usage);
    }
  });

  test('has the reference that commands use, which old versions of OpenSC wrote as a negative number', () => {
    const [object] = parseDataObjects(privateKeyEntry('A1B2', decryptToo));
    assert.ok(object);
    const { id, usage, reference } = parsePrivateKeyObject(object, '5015');
    assert.deepEqual([id, [...usage], reference], ['A1B2', [1, 2], 0x85]);
  });

  test('that can’t be listed without the PIN is taken to be there', async () => {
    const image = withKeys(privateKeyEntry('01', signOnly));
    const inner = imageCard(image, behavior);
    let isKeyDirectory = false;
    const card: SmartCardConnection = {
      ...inner,
      transmit(command) {
        if (command[1] === 0xa4) isKeyDirectory = hex(command).includes('4402');
        return command[1] === 0xb0 && isKeyDirectory
          ? Promise.resolve(fromHex('6982'))
          : inner.transmit(command);
      },
    };
    const application = await openPkcs15(card);
    assert.ok(application);
    assert.deepEqual(summary(await collect(application.certificates({ allSlots: false }))), [
      ['50154301', null, '01', 'Unnamed', 'KeyExchange', beginning(ecCertificate)],
    ]);
  });

  test('in a damaged directory is taken to be there, and the damage is told', async () => {
    const { certificates } = await read(withKeys(Buffer.from('30033000', 'hex')));
    assert.deepEqual(summary(certificates), [
      ['50154301', null, '01', 'Unnamed', 'KeyExchange', beginning(ecCertificate)],
      ['50154402#0', 'MalformedCardData'],
    ]);
  });
});

describe('a public key', () => {
  const point = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 7)]);
  const rsaKey = der(0x30, der(0x02, fromHex('00C1C2C3')), der(0x02, fromHex('010001')));
  const keyInfo = (algorithm: string, key: Uint8Array) =>
    Buffer.concat([der(0x30, der(0x06, fromHex(algorithm))), der(0x03, Buffer.of(0), key)]);
  const rsaInfo = keyInfo('2A864886F70D010101', rsaKey);
  const ecInfo = keyInfo('2A8648CE3D0201', point);
  const expectedRsa = { kind: 'RSA', modulus: 'C1C2C3', exponent: '010001' };
  const expectedEc = { kind: 'EC', point: hex(point) };

  for (const [what, value, file, expected] of [
    ['RSAPublicKey in a file', path('5501'), rsaKey, expectedRsa],
    ['SubjectPublicKeyInfo in a file', path('5501'), der(0x30, rsaInfo), expectedRsa],
    ['a point in a file', path('5501'), der(0x04, point), expectedEc],
    ['RSAPublicKey in the directory', der(0xa0, rsaKey), null, expectedRsa],
    ['tagged SubjectPublicKeyInfo in the directory', der(0xa0, der(0xa1, ecInfo)), null, expectedEc],
    ['explicitly tagged SubjectPublicKeyInfo', der(0xa0, der(0xa1, der(0x30, ecInfo))), null, expectedEc],
    ['a point in a BIT STRING', der(0xa0, der(0x03, Buffer.of(0), point)), null, expectedEc],
    ['something else', path('5501'), Buffer.from('0102', 'hex'), null],
    ['a damaged file', path('5501'), Buffer.from('3082FFFF02', 'hex'), null],
    ['a file that is not there', path('5599'), null, null],
  ] as const) {
    test(`is read as ${what}`, async () => {
      const image = madeImage({
        '5031': Buffer.concat([der(0xa0, path('4402')), der(0xa1, path('4404')), der(0xa4, path('4403'))]),
        '4402': privateKeyEntry('01', signOnly),
        '4403': certificateEntry({ id: '01', value: path('4301') }),
        '4404': Buffer.concat([publicKeyEntry('02', path('5502')), publicKeyEntry('01', value)]),
        '4301': ecCertificate,
        ...(file === null ? {} : { '5501': file }),
      });
      const { application, certificates } = await read(image);
      const [certificate] = certificates;
      assert.ok(certificate && 'certificate' in certificate);
      const key = await application.publicKey(certificate);
      const given =
        key?.kind === 'RSA'
          ? { kind: key.kind, modulus: hex(key.modulus), exponent: hex(key.exponent) }
          : key && { kind: key.kind, point: hex(key.point) };
      assert.deepEqual(given, expected);
    });
  }
});

describe('TokenInfo', () => {
  test('gives serial number, manufacturer and label', async () => {
    const { application } = await read(madeImage({ '5031': Buffer.alloc(0) }));
    assert.equal(application.cardId, '01020304-EXAMPLE_INC');
    assert.equal(application.label, 'Made up');
  });

  test('may tag its label explicitly, and lack all the rest', async () => {
    const label = der(0xa0, der(0x0c, Buffer.from('Explicit')));
    const { application } = await read(
      madeImage({ '5031': Buffer.alloc(0), '5032': der(0x30, der(0x02, Uint8Array.of(0)), label) }),
    );
    assert.equal(application.label, 'Explicit');
    assert.match(application.cardId, /^KEY-/);
  });

  test('that is damaged or absent leaves the card readable', async () => {
    for (const token of [Buffer.from('30820FFF', 'hex'), Buffer.from('0102', 'hex'), Buffer.alloc(0)]) {
      const { application } = await read(madeImage({ '5031': Buffer.alloc(0), '5032': token }));
      assert.equal(application.label, null);
      assert.equal(application.serialNumber, null);
    }
  });
});

describe('EF.DIR', () => {
  const template = (...parts: readonly Uint8Array[]) => der(0x61, ...parts);
  const name = (text: string) => der(0x4f, fromHex(text));
  const other = template(name('A0000003974254465902'), der(0x51, fromHex('3F007000')));
  const belgian = 'A000000177504B43532D3135';

  function movedTo(directory: string, efDir: Uint8Array): Image {
    const made = madeImage({
      '5031': der(0xa4, path('4403')),
      '4403': certificateEntry({ id: '01', value: path('4301') }),
      '4301': ecCertificate,
    });
    const moved = made.files.map((file) => ({ ...file, path: file.path.replace('5015', directory) }));
    return {
      selectName: belgian,
      files: [...moved, { path: '2F00', control: '6F00', content: hex(efDir) }],
    };
  }

  test('names the file of an application', async () => {
    const efDir = Buffer.concat([other, template(name(belgian), der(0x51, fromHex('3F00DF00')))]);
    const { certificates } = await read(movedTo('DF00', efDir));
    assert.deepEqual(
      certificates.map(({ fileName }) => fileName),
      ['DF004301'],
    );
  });

  test('names an application that is selected by its name', async () => {
    const { certificates, card } = await read(
      movedTo('5015', Buffer.concat([other, template(name(belgian))])),
    );
    assert.equal(certificates.length, 1);
    assert.ok(card.commands.includes('00A404000CA000000177504B43532D313500'));
  });

  test('that is damaged, or loops, is passed over', async () => {
    for (const efDir of ['61', '61FF', '6103', hex(template(name(belgian), der(0x51, fromHex('3F'))))]) {
      const image = movedTo('5015', fromHex(efDir));
      assert.equal((await read({ ...image, selectName: 'F0' })).certificates.length, 1, efDir);
    }
  });

  test('may hold its templates in records', async () => {
    const records = [other, template(name(belgian), der(0x51, fromHex('3F00DF00')))];
    const inner = imageCard(movedTo('DF00', Buffer.alloc(0)), behavior);
    let isDirectory = false;
    const card: SmartCardConnection = {
      ...inner,
      transmit(command) {
        const [, ins, number = 0] = command;
        if (ins === 0xa4) isDirectory = hex(command).includes('2F00');
        if (!isDirectory || ins === 0xa4) return inner.transmit(command);
        const record = ins === 0xb2 ? records[number - 1] : undefined;
        const status = fromHex(ins === 0xb0 ? '6981' : '6A83');
        return Promise.resolve(record === undefined ? status : Buffer.concat([record, fromHex('9000')]));
      },
    };
    const application = await openPkcs15(card);
    assert.equal((await collect(application?.certificates({ allSlots: false }) ?? nothing())).length, 1);
  });
});

// eslint-disable-next-line @typescript-eslint/require-await -- there is nothing to wait for
async function* nothing(): AsyncGenerator<never> {
  yield* [];
}
