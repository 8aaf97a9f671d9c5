import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { CardCertificateFile, UnreadableFile } from '../../engine/card/card.js';
import { openPiv } from '../../engine/card/piv.js';
import { CertPropError } from '../../engine/errors.js';
import { hex } from '../../engine/text.js';
import { collect } from '../support/collect.js';
import { ecCertificate, rsaCertificate, rsaCertificateFile } from './fixtures.js';
import {
  certificateObject,
  field,
  pivObject,
  pivObjectCard,
  readPiv,
  recorded,
  yubiKeyTemplate,
  type PivContents,
  type PivReading,
} from './piv-object-card.js';
import { fromHex, scriptedCard, type TestCard } from './scripted-card.js';

const slotsOf = ({ files }: PivReading): readonly (string | null)[] =>
  files.map((file) => ('error' in file ? file.fileName : file.slot));

async function read(card: TestCard, allSlots = false): Promise<PivReading> {
  const reading = await readPiv(card, allSlots);
  assert.ok(reading);
  return reading;
}

/** How the card's 9A is read, with this answer. */
async function readAuthentication(
  answer: Uint8Array | string,
): Promise<CardCertificateFile | UnreadableFile | null> {
  const { files } = await read(pivObjectCard({ objects: { '5FC105': answer } }));
  return files[0] ?? null;
}

function certificateOf(file: CardCertificateFile | UnreadableFile | null): string | null {
  if (file !== null && 'error' in file) throw file.error;
  return file && hex(file.certificate);
}

function errorOf(file: CardCertificateFile | UnreadableFile | null): CertPropError {
  assert.ok(file !== null && 'error' in file);
  return file.error;
}

describe('a card that yubico-piv-tool has written', () => {
  const expected = JSON.parse(readFileSync('tests/fixtures/piv/expected.json', 'utf8')) as object;
  const atrs = { short: undefined, extended: fromHex('3B85018073C001C076') };

  for (const build of ['short', 'extended'] as const) {
    test(`gives its certificates, plain and gzip, in ${build} APDUs, each object asked for once`, async () => {
      const exchanges = recorded(`pivapplet-${build}`);
      const card = scriptedCard(exchanges, atrs[build]);
      const { files, cardId, serialNumber } = await read(card);
      const fingerprints = files.map((file) => {
        assert.ok(!('error' in file));
        return [file.slot, createHash('sha256').update(file.certificate).digest('hex').toUpperCase()];
      });
      assert.deepEqual(Object.fromEntries(fingerprints), expected);
      assert.deepEqual([cardId, serialNumber], ['3510058635', '3510058635']);
      assert.equal(card.commands.length, exchanges.length);
    });
  }
});

describe('the PIV application', () => {
  test('is not there on a card that refuses to select it', async () => {
    for (const selected of ['6A82', '6A86', '6985', '6D00', '6283']) {
      const card = pivObjectCard({ selected });
      assert.equal(await openPiv(card), null);
      assert.equal(card.commands.length, 1);
    }
  });

  test('is not there on a card that takes any SELECT for its own', async () => {
    for (const selected of ['9000', '6F0A8408A0000001510000009000', '61084F06A0000003979000', '61FF9000']) {
      assert.equal(await openPiv(pivObjectCard({ selected, absent: '6D00' })), null, selected);
    }
  });

  test('is there on a card that names nothing, but has a CHUID', async () => {
    const objects = {
      '5FC102': fromHex('533B3019D4E739DA739CED39CE739D836858210842108421C84210C3EB' + '3410'),
    };
    const chuid = Buffer.concat([objects['5FC102'], Buffer.alloc(16, 7), fromHex('3E00FE00')]);
    assert.ok(await openPiv(pivObjectCard({ selected: '9000', objects: { '5FC102': chuid } })));
  });

  test('is known by the whole identifier or by its extension alone', async () => {
    for (const name of ['4F0BA000000308000010000100', '4F06000010000100', '4F09A00000030800001000']) {
      const template = fromHex(name);
      const selected = hex(Uint8Array.of(0x61, template.length, ...template, 0x90, 0x00));
      assert.ok(await openPiv(pivObjectCard({ selected, absent: '6D00' })), name);
    }
  });

  test('holds no roots, and gives no public keys', async () => {
    const application = await openPiv(
      pivObjectCard({ objects: { '5FC105': certificateObject(ecCertificate) } }),
    );
    assert.ok(application);
    assert.deepEqual(await collect(application.roots()), []);
    const [file] = await collect(application.certificates({ allSlots: false }));
    assert.ok(file && !('error' in file));
    assert.equal(await application.publicKey(file), null);
  });
});

describe('the slots', () => {
  const all = Object.fromEntries(
    ['05', '0A', '0B', '01', ...Array.from({ length: 20 }, (_, index) => (0x0d + index).toString(16))].map(
      (tag) => [`5FC1${tag.toUpperCase().padStart(2, '0')}`, certificateObject(ecCertificate)],
    ),
  );
  const allWithout = (...tags: readonly string[]): Record<string, Uint8Array> =>
    Object.fromEntries(Object.entries(all).filter(([tag]) => !tags.includes(tag)));
  const retired = Array.from({ length: 20 }, (_, index) => (0x82 + index).toString(16).toUpperCase());
  const history = (onCard: number): Uint8Array =>
    pivObject(Uint8Array.of(0xc1, 1, onCard), fromHex('C20100 F300 FE00'));

  test('are all twenty-four read where they are filled', async () => {
    assert.deepEqual(slotsOf(await read(pivObjectCard({ objects: all }))), [
      '9A',
      '9C',
      '9D',
      '9E',
      ...retired,
    ]);
  });

  test('name the object, the key spec and no container', async () => {
    const { files } = await read(pivObjectCard({ objects: all }));
    const [authentication, signature] = files;
    const rest = { certificate: ecCertificate, label: null, isRoot: false, container: null, key: 'Unnamed' };
    assert.deepEqual(authentication, { ...rest, fileName: '5FC105', slot: '9A', keySpec: 'KeyExchange' });
    assert.deepEqual(signature, { ...rest, fileName: '5FC10A', slot: '9C', keySpec: 'Signature' });
    assert.deepEqual(
      files.slice(2).map((file) => 'slot' in file && [file.slot, file.fileName, file.keySpec]),
      [
        ['9D', '5FC10B', 'KeyExchange'],
        ['9E', '5FC101', 'KeyExchange'],
        ...retired.map((slot, index) => [
          slot,
          `5FC1${(0x0d + index).toString(16).toUpperCase().padStart(2, '0')}`,
          'KeyExchange',
        ]),
      ],
    );
  });

  test('of retired keys are read up to the first empty one, without a key history', async () => {
    const objects = allWithout('5FC10F');
    const card = pivObjectCard({ objects });
    assert.deepEqual(slotsOf(await read(card)).slice(4), ['82', '83']);
    assert.ok(!card.commands.some((command) => command.includes('5FC110')));
  });

  test('of retired keys are read as far as the key history promises, over empty ones, and on to the next empty one', async () => {
    const objects = allWithout('5FC10D', '5FC10F', '5FC112');
    const reading = await read(pivObjectCard({ objects: { ...objects, '5FC10C': history(4) } }));
    assert.deepEqual(slotsOf(reading).slice(4), ['83', '85', '86']);
  });

  test('are read beyond a key history that promises too little or nothing', async () => {
    for (const onCard of [0, 1]) {
      const objects = allWithout('5FC110');
      const reading = await read(pivObjectCard({ objects: { ...objects, '5FC10C': history(onCard) } }));
      assert.deepEqual(slotsOf(reading).slice(4), ['82', '83', '84']);
    }
  });

  test('are twenty at most, whatever the key history promises', async () => {
    const card = pivObjectCard({ objects: { '5FC10C': history(255) } });
    await read(card);
    assert.equal(card.commands.length, 3 + 4 + 1 + 20);
  });

  test('are all asked for when all are wanted, and the key history is not', async () => {
    const objects = {
      '5FC105': certificateObject(ecCertificate),
      '5FC120': certificateObject(rsaCertificate),
    };
    const card = pivObjectCard({ objects, serialNumber: '00AE17CB9000' });
    assert.deepEqual(slotsOf(await read(card, true)), ['9A', '95']);
    assert.ok(!card.commands.some((command) => command.includes('5FC10C')));
  });

  test('may be missing in any of the ways that cards know', async () => {
    for (const absent of ['6A82', '6A88', '53009000', '9000', '530270009000', '53077000710100FE009000']) {
      const card = pivObjectCard({ objects: { '5FC10A': certificateObject(ecCertificate) }, absent });
      assert.deepEqual(slotsOf(await read(card)), ['9C'], absent);
    }
  });

  test('that are refused are told, the others follow, and probing ends there', async () => {
    const card = pivObjectCard({ objects: { '5FC101': certificateObject(ecCertificate) }, absent: '6982' });
    const { files } = await read(card);
    assert.deepEqual(slotsOf({ files, cardId: '', serialNumber: null }), [
      '5FC105',
      '5FC10A',
      '5FC10B',
      '9E',
      '5FC10C',
      '5FC10D',
    ]);
    const error = errorOf(files[0] ?? null);
    assert.equal(error.id, 'CardCommandFailed');
    assert.deepEqual(error.details, { readerName: 'Test Reader', statusWord: 0x6982, file: '5FC105' });
    assert.match(error.message, /refused to give its object 5FC105: .*PIN.*0x6982/u);
  });

  test('behind a damaged one are read too', async () => {
    const objects = {
      '5FC105': fromHex('5303700530'),
      '5FC10A': certificateObject(ecCertificate),
      '5FC10D': fromHex('54 00'),
      '5FC10E': certificateObject(rsaCertificate),
    };
    assert.deepEqual(slotsOf(await read(pivObjectCard({ objects }))), ['5FC105', '9C', '5FC10D', '83']);
  });

  test('are not read any further when the card is gone', async () => {
    const removed = new CertPropError('CardRemoved', 'gone');
    const card = pivObjectCard({ objects: all });
    const application = await openPiv({
      ...card,
      transmit: (command) =>
        hex(command).includes('5FC10A') ? Promise.reject(removed) : card.transmit(command),
    });
    assert.ok(application);
    await assert.rejects(collect(application.certificates({ allSlots: false })), removed);
  });
});

describe('a certificate object', () => {
  test('is understood by its first bytes, whatever CertInfo says: plain, gzip, or zlib after a header', async () => {
    for (const info of [0x00, 0x01, 0x80, 0xff]) {
      for (const value of [rsaCertificate, gzipSync(rsaCertificate), rsaCertificateFile]) {
        const file = await readAuthentication(certificateObject(value, info));
        assert.equal(certificateOf(file), hex(rsaCertificate));
      }
    }
  });

  test('needs neither CertInfo nor an error detection code, and may have other fields before it', async () => {
    assert.equal(
      certificateOf(await readAuthentication(pivObject(field(0x70, rsaCertificate)))),
      hex(rsaCertificate),
    );
    const fields = [field(0x72, Buffer.alloc(38)), Uint8Array.of(0x71, 1, 0), field(0x70, rsaCertificate)];
    assert.equal(certificateOf(await readAuthentication(pivObject(...fields))), hex(rsaCertificate));
  });

  test('with gzip that declares another length than it has is damaged', async () => {
    for (const difference of [-1, 1, 1000]) {
      const value = gzipSync(rsaCertificate);
      value.writeUInt32LE(rsaCertificate.length + difference, value.length - 4);
      const error = errorOf(await readAuthentication(certificateObject(value, 1)));
      assert.equal(error.id, 'MalformedCardData');
    }
  });

  test('with gzip that declares, or has, more than 65,535 bytes is refused and not inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024));
    assert.match(
      errorOf(await readAuthentication(certificateObject(bomb, 1))).message,
      /would inflate to 41943040 bytes/u,
    );
    const declared = gzipSync(Buffer.alloc(0x10000));
    assert.match(
      errorOf(await readAuthentication(certificateObject(declared, 1))).message,
      /would inflate to 65536 bytes/u,
    );
    const lying = Buffer.from(bomb);
    lying.writeUInt32LE(1000, lying.length - 4);
    assert.match(
      errorOf(await readAuthentication(certificateObject(lying, 1))).message,
      /more than the 1000 bytes it declares/u,
    );
  });

  test('with damaged gzip is damaged', async () => {
    const whole = gzipSync(rsaCertificate);
    const flipped = Buffer.from(whole);
    flipped[100] = (flipped[100] ?? 0) ^ 0x10;
    for (const value of [
      flipped,
      whole.subarray(0, 500),
      whole.subarray(0, 2),
      Buffer.concat([whole, whole]),
    ]) {
      assert.equal(errorOf(await readAuthentication(certificateObject(value, 1))).id, 'MalformedCardData');
    }
  });

  test('in an unknown format is damaged', async () => {
    for (const value of ['00', '789C', '0200', '1F', '010001', '30', '3082FFFF00']) {
      assert.equal(
        errorOf(await readAuthentication(certificateObject(fromHex(value)))).id,
        'MalformedCardData',
        value,
      );
    }
  });
});

describe('the card id', () => {
  const chuid = (fascN: string, guid: string, more = '3E00FE00'): Uint8Array => {
    const fields = fromHex(`3019${fascN}3410${guid}350832303330303130 31`.replaceAll(' ', '') + more);
    return fields.length < 0x80
      ? Uint8Array.of(0x53, fields.length, ...fields)
      : Uint8Array.of(0x53, 0x82, fields.length >> 8, fields.length & 0xff, ...fields);
  };
  /** The FASC-N that yubico-piv-tool and ykman write: agency 9999. */
  const nonFederal = 'D4E739DA739CED39CE739D836858210842108421C84210C3EB';
  /** The example of the Technical Implementation Guidance for SCEPACS, version 2.3, page 32. */
  const federal = 'D0439458210C2C19A0846D83685A1082108CE73984108CA3FC';
  const guid = '7F0563C809A4CF5E04D618AF5D67CBE8';
  const zeros = (bytes: number): string => '00'.repeat(bytes);
  const idOf = async (contents: PivContents): Promise<string> => (await read(pivObjectCard(contents))).cardId;
  const idWith = (object: Uint8Array): Promise<string> => idOf({ objects: { '5FC102': object } });

  test('is the serial number as it is printed, which costs one APDU', async () => {
    // SELECT and GET SERIAL of a YubiKey 5.2.4, as Yubico has published them.
    const card = scriptedCard([
      ['00A4040009A0000003080000100000', yubiKeyTemplate],
      ['00F8000000', '00AE17CB9000'],
    ]);
    const application = await openPiv(card);
    assert.equal(application?.cardId, '11409355');
    assert.equal(application.serialNumber, '11409355');
  });

  test('is the serial number also of a CanoKey, whose CHUID was written by yubico-piv-tool', async () => {
    // From a published log of yubico-piv-tool 2.0.0, which says "card #1588739612".
    const contents = { serialNumber: '5EB23E1C9000', objects: { '5FC102': chuid(nonFederal, guid) } };
    assert.equal(await idOf(contents), '1588739612');
  });

  test('stays when ykman writes a new GUID, on a card with a serial number', async () => {
    const with1 = { serialNumber: '5EB23E1C9000', objects: { '5FC102': chuid(nonFederal, guid) } };
    const with2 = { serialNumber: '5EB23E1C9000', objects: { '5FC102': chuid(nonFederal, '11'.repeat(16)) } };
    assert.equal(await idOf(with1), await idOf(with2));
  });

  test('comes from FASC-N and GUID together on other cards, which costs two APDUs', async () => {
    const card = pivObjectCard({ objects: { '5FC102': chuid(federal, guid) } });
    const application = await openPiv(card);
    assert.match(application?.cardId ?? '', /^[0-9A-F]{32}$/u);
    assert.equal(application?.serialNumber, null);
    assert.equal(card.commands.length, 3);
  });

  test('differs when either FASC-N or GUID does, and not when the rest of the CHUID does', async () => {
    const ids = await Promise.all([
      idWith(chuid(federal, guid)),
      idWith(chuid(federal, '22'.repeat(16))),
      idWith(chuid(nonFederal, guid)),
      idWith(chuid(federal, zeros(16))),
      idWith(chuid(zeros(25), guid)),
    ]);
    assert.equal(new Set(ids).size, 5);
    assert.equal(await idWith(chuid(federal, guid, '3E04AABBCCDDFE00')), ids[0]);
  });

  test('takes one APDU of a signed CHUID, however long it is', async () => {
    // The beginning is that of a NIST test card, printed in a discussion of yubico-piv-tool (pull request 52).
    const beginning = fromHex(
      '538205FB EE02F905 3019D6501858210C2D3171B525A1685A08C92ADE0A6186501843E2' +
        '341031323334353637383930313233343536 35083230303930383234 3E8205B8308205B406092A864886F70D010702',
    );
    const card = pivObjectCard({
      objects: { '5FC102': Buffer.concat([beginning, Buffer.alloc(1535 - beginning.length)]) },
    });
    const application = await openPiv(card);
    assert.match(application?.cardId ?? '', /^[0-9A-F]{32}$/u);
    assert.equal(card.commands.length, 3);
    const short = pivObjectCard({
      objects: {
        '5FC102': chuid(
          'D6501858210C2D3171B525A1685A08C92ADE0A6186501843E2',
          '31323334353637383930313233343536',
        ),
      },
    });
    assert.equal((await openPiv(short))?.cardId, application?.cardId);
  });

  test('is the same over T=0, where an answer has to be fetched', async () => {
    const object = chuid(federal, guid);
    const overT0 = scriptedCard(
      [
        ['00A4040009A00000030800001000', '6113'],
        ['00C0000013', yubiKeyTemplate],
        ['00F8000000', '6D00'],
        ['00CB3FFF055C035FC102', `61${object.length.toString(16)}`],
        [`00C00000${object.length.toString(16).toUpperCase()}`, `${hex(object)}9000`],
      ],
      fromHex('3B 00'),
    );
    assert.equal((await openPiv(overT0))?.cardId, await idWith(object));
  });

  test('is the same through a reader that gives the right length first', async () => {
    const object = chuid(federal, guid);
    const length = object.length.toString(16).toUpperCase();
    const card = scriptedCard([
      ['00A4040009A0000003080000100000', yubiKeyTemplate],
      ['00F8000000', '6D00'],
      ['00CB3FFF055C035FC10200', `6C${length}`],
      ['00CB3FFF055C035FC10200', `6C${length}`],
      [`00CB3FFF055C035FC102${length}`, `${hex(object)}9000`],
    ]);
    assert.equal((await openPiv(card))?.cardId, await idWith(object));
  });

  test('comes from the first certificate without serial number and CHUID, which is read once', async () => {
    const of = (certificate: Uint8Array): PivContents => ({
      objects: {
        '5FC102': chuid(zeros(25), zeros(16)),
        '5FC10A': certificateObject(certificate),
      },
      serialNumber: '000000009000',
    });
    const card = pivObjectCard(of(ecCertificate));
    const first = await read(card);
    assert.deepEqual(slotsOf(first), ['9C']);
    const asked = card.commands.filter((command) => command.startsWith('00CB'));
    assert.equal(new Set(asked).size, asked.length);
    assert.notEqual(first.cardId, await idOf(of(rsaCertificate)));
    assert.equal(first.cardId, await idOf(of(ecCertificate)));
  });

  test('is not taken from a CHUID that is refused, damaged or cut off', async () => {
    const none = await idOf({});
    for (const answer of ['6982', '53049000', '53FF30FF9000', '303030309000', '5300900090009000']) {
      assert.equal(await idOf({ objects: { '5FC102': answer } }), none, answer);
    }
  });

  test('does not come from an answer that is no serial number', async () => {
    const objects = { '5FC102': chuid(federal, guid) };
    const expected = await idOf({ objects });
    for (const serialNumber of ['9000', '019000', '00000001029000', '000000009000', '6A86', '6E00']) {
      assert.equal(await idOf({ serialNumber, objects }), expected, serialNumber);
    }
  });
});
