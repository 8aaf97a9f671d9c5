import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openOpenpgp } from '../../engine/card/openpgp.js';
import type { CardCertificateFile } from '../../engine/card/card.js';
import { hex } from '../../engine/text.js';
import { collect } from '../support/collect.js';
import {
  certificates,
  dataOf,
  description,
  extendedAtr,
  openpgpObjectCard,
  plainAtr,
  readOpenpgp,
  recorded,
  summary,
} from './openpgp-object-card.js';
import { fromHex, scriptedCard, testCard, type TestCard } from './scripted-card.js';

const stored = (name: keyof typeof certificates): string => `${hex(certificates[name])}9000`;
const commandsOf = (card: TestCard): readonly string[] => card.commands.map((command) => command.slice(0, 8));

const [select, describeCard, getCertificate] = ['00A40400', '00CA006E', '00CA7F21'];
const allFingerprints = '11'.repeat(60);

describe('SmartPGP, keys and a certificate written by GnuPG, two certificates by OpenSC', () => {
  test('gives the three certificates, their slots and key specs', async () => {
    const card = scriptedCard(recorded('smartpgp-three-certificates'), fromHex('3B80800101'));
    const reading = await readOpenpgp(card);
    assert.equal(reading?.cardId, 'AFAF00000001');
    assert.equal(reading.serialNumber, '00000001');
    assert.deepEqual(reading.files, [
      certificateFile('7F21.0', 'AUT', 'KeyExchange', 'Unnamed'),
      certificateFile('7F21.1', 'DEC', 'KeyExchange', 'Unnamed'),
      certificateFile('7F21.2', 'SIG', 'Signature', 'Unnamed'),
    ]);
  });

  test('gives the public keys of the certificates', async () => {
    const card = scriptedCard(recorded('smartpgp-three-certificates'), fromHex('3B80800101'));
    const application = await openOpenpgp(card);
    assert.ok(application);
    const files = await collect(application.certificates({ allSlots: false }));
    for (const file of files) {
      assert.ok(!('error' in file));
      const key = await application.publicKey(file);
      assert.ok(key);
      const bytes = key.kind === 'RSA' ? key.modulus : key.point;
      assert.ok(
        Buffer.from(file.certificate).includes(Buffer.from(bytes)),
        `${file.fileName} holds the ${key.kind} key`,
      );
    }
    assert.equal(card.commands.length, recorded('smartpgp-three-certificates').length);
  });

  test('a blank one costs four commands: it gives its key information by itself only', async () => {
    const card = scriptedCard(recorded('smartpgp-blank'), extendedAtr);
    assert.deepEqual((await readOpenpgp(card))?.files, []);
    assert.deepEqual(commandsOf(card), [select, describeCard, '00CA00DE', getCertificate]);
  });

  test('a certificate whose key was never made is shown as such, and others are looked for', async () => {
    const card = scriptedCard(recorded('smartpgp-certificate-without-key'), extendedAtr);
    assert.deepEqual((await readOpenpgp(card))?.files, [
      certificateFile('7F21.0', 'AUT', 'KeyExchange', 'None'),
    ]);
  });

  function certificateFile(
    fileName: string,
    slot: keyof typeof certificates,
    keySpec: CardCertificateFile['keySpec'],
    key: CardCertificateFile['key'],
  ): CardCertificateFile {
    const certificate = certificates[slot];
    return { fileName, certificate, slot, container: null, keySpec, key, label: null, isRoot: false };
  }
});

describe('what real cards say of themselves', () => {
  const cases = [
    { name: 'YubiKey 5 NFC, new', cardId: '000616019180', serialNumber: '16019180', commandCount: 3 },
    {
      name: 'YubiKey 5, three generated keys',
      cardId: '000615410207',
      serialNumber: '15410207',
      commandCount: 7,
    },
    { name: 'YubiKey 4', cardId: '000604174304', serialNumber: '4174304', commandCount: 3 },
    { name: 'YubiKey NEO, 73 empty', cardId: '000603014022', serialNumber: '3014022', commandCount: 3 },
    {
      name: 'Java Card applet ykneo, no authentication key',
      cardId: '000000000001',
      serialNumber: '00000001',
      commandCount: 3,
    },
    {
      name: 'Nitrokey Pro (ZeitControl 2.1), without tag 6E',
      cardId: '0005000038A1',
      serialNumber: '000038A1',
      commandCount: 3,
    },
  ];
  for (const { name, cardId, serialNumber, commandCount } of cases) {
    test(`${name}: card id, serial number, ${commandCount} commands without certificates`, async () => {
      const card = openpgpObjectCard({ description: dataOf[name] ?? '' });
      const reading = await readOpenpgp(card);
      assert.deepEqual(reading, { cardId, serialNumber, files: [] });
      assert.equal(card.commands.length, commandCount, card.commands.join('\n'));
    });
  }

  test('keys with a fingerprint are keys of the card', async () => {
    const card = openpgpObjectCard({
      description: dataOf['YubiKey NEO, 73 empty'] ?? '',
      certificates: [stored('AUT')],
    });
    assert.deepEqual(summary(await readOpenpgp(card)), ['7F21.0 AUT Unnamed']);
  });

  test('an extended length announced by the application alone is used', async () => {
    const nitrokey = dataOf['Nitrokey Pro (ZeitControl 2.1), without tag 6E'] ?? '';
    const card = openpgpObjectCard({ description: nitrokey }, plainAtr);
    await readOpenpgp(card);
    assert.deepEqual(card.commands, ['00A4040006D27600012401', '00CA006E00', '00CA7F21000000']);
  });
});

describe('which certificates are asked for', () => {
  const three = [stored('AUT'), stored('DEC'), stored('SIG')];

  test('all of them, once there is one without its key in the key information', async () => {
    const card = openpgpObjectCard({
      description: description({ keyInformation: '010102000300' }),
      certificates: three,
    });
    const files = ['7F21.0 AUT None', '7F21.1 DEC None', '7F21.2 SIG Unnamed'];
    assert.deepEqual(summary(await readOpenpgp(card)), files);
  });

  test('the first, and those of the keys in the key information', async () => {
    const card = openpgpObjectCard({
      description: description({ keyInformation: '010002010300' }),
      certificates: [undefined, ...three.slice(1)],
    });
    assert.deepEqual(summary(await readOpenpgp(card)), ['7F21.1 DEC Unnamed']);
    assert.deepEqual(commandsOf(card), [select, describeCard, getCertificate, '00A50104', getCertificate]);
  });

  test('all of them with allSlots', async () => {
    const card = openpgpObjectCard({
      description: description({ keyInformation: '010002000300' }),
      certificates: [undefined, undefined, stored('SIG')],
    });
    assert.deepEqual(summary(await readOpenpgp(card, true)), ['7F21.2 SIG None']);
  });

  test('the key information wins over fingerprints', async () => {
    const card = openpgpObjectCard({
      description: description({ keyInformation: '010002000300', fingerprints: allFingerprints }),
      certificates: three.slice(0, 1),
    });
    assert.deepEqual(summary(await readOpenpgp(card)), ['7F21.0 AUT None']);
  });

  test('key information is asked for by itself where the description lacks it and a fingerprint is missing', async () => {
    const card = openpgpObjectCard({
      description: description({ fingerprints: '11'.repeat(40) + '00'.repeat(20) }),
      keyInformation: 'DE060101020103029000',
      certificates: three,
    });
    assert.deepEqual(summary(await readOpenpgp(card)), [
      '7F21.0 AUT Unnamed',
      '7F21.1 DEC Unnamed',
      '7F21.2 SIG Unnamed',
    ]);
    assert.deepEqual(commandsOf(card).slice(0, 4), [select, describeCard, '00CA00DE', getCertificate]);
  });

  test('not asked for before version 3.4, nor where each key has its fingerprint', async () => {
    for (const data of [description({ version: '0303' }), description({ fingerprints: allFingerprints })]) {
      const card = openpgpObjectCard({ description: data });
      await readOpenpgp(card);
      assert.ok(!commandsOf(card).includes('00CA00DE'));
    }
  });

  test('a key without fingerprint is found by its public key, which is read once', async () => {
    const card = openpgpObjectCard({
      description: description({ version: '0303' }),
      certificates: [stored('AUT')],
      publicKey: '7F49 08 81 02 C0DE 82 02 0101 9000'.replaceAll(' ', ''),
    });
    const application = await openOpenpgp(card);
    assert.ok(application);
    const [file] = await collect(application.certificates({ allSlots: false }));
    assert.ok(file && !('error' in file));
    assert.equal(file.key, 'Unnamed');
    assert.deepEqual(await application.publicKey(file), {
      kind: 'RSA',
      modulus: fromHex('C0DE'),
      exponent: fromHex('0101'),
    });
    assert.equal(commandsOf(card).filter((command) => command === '00478100').length, 1);
  });

  test('before version 3 only the first; before version 2 none', async () => {
    const old = openpgpObjectCard({
      description: description({ version: '0201', fingerprints: allFingerprints }),
      certificates: three,
    });
    assert.deepEqual(summary(await readOpenpgp(old, true)), ['7F21.0 AUT Unnamed']);
    const oldest = openpgpObjectCard({
      description: description({ version: '0101', fingerprints: allFingerprints }),
      certificates: three,
    });
    assert.deepEqual(summary(await readOpenpgp(oldest, true)), []);
    assert.equal(oldest.commands.length, 2);
  });

  test('none where the card has no room for any', async () => {
    const card = openpgpObjectCard({ description: description({ largestCertificate: '0000' }) });
    assert.deepEqual(summary(await readOpenpgp(card)), []);
    assert.equal(card.commands.length, 2);
  });
});

describe('SELECT DATA', () => {
  const three = [stored('AUT'), stored('DEC'), stored('SIG')];
  const data = description({ fingerprints: allFingerprints });
  const all = ['7F21.0 AUT Unnamed', '7F21.1 DEC Unnamed', '7F21.2 SIG Unnamed'];

  test('has the form of the specification', async () => {
    const card = openpgpObjectCard({ description: data, certificates: three });
    assert.deepEqual(summary(await readOpenpgp(card)), all);
    assert.deepEqual(
      card.commands.filter((command) => command.startsWith('00A5')),
      ['00A501040660045C027F21', '00A502040660045C027F21'],
    );
  });

  test('has the length besides for a YubiKey up to 5.4.3, which refuses once', async () => {
    const card = openpgpObjectCard({
      description: data,
      certificates: three,
      selectData: (bytes) => (bytes === '0660045C027F21' ? '9000' : '6A80'),
    });
    assert.deepEqual(summary(await readOpenpgp(card)), all);
    assert.deepEqual(
      card.commands.filter((command) => command.startsWith('00A5')),
      ['00A501040660045C027F21', '00A50104070660045C027F21', '00A50204070660045C027F21'],
    );
  });

  test('a card that does not know it has the first certificate only', async () => {
    for (const status of ['6D00', '6A81', '6A82', '6A86', '6A88', '6B00']) {
      const card = openpgpObjectCard({ description: data, certificates: three, selectData: () => status });
      assert.deepEqual(summary(await readOpenpgp(card)), all.slice(0, 1));
    }
  });

  test('another refusal concerns that certificate only', async () => {
    const card = openpgpObjectCard({
      description: data,
      certificates: three,
      selectData: () => (commandsOf(card).at(-1) === '00A50104' ? '6982' : '9000'),
    });
    assert.deepEqual(summary(await readOpenpgp(card)), [
      '7F21.0 AUT Unnamed',
      '7F21.1 CardCommandFailed',
      '7F21.2 SIG Unnamed',
    ]);
  });
});

describe('a certificate object', () => {
  const read = async (answer: string): Promise<readonly string[]> =>
    summary(await readOpenpgp(openpgpObjectCard({ description: description(), certificates: [answer] })));

  test('that is empty, zeroed or missing is no certificate', async () => {
    for (const answer of ['9000', '00000000009000', '6A82', '6A88', '6B00'])
      assert.deepEqual(await read(answer), []);
  });

  test('may be filled up with zeros', async () => {
    const card = openpgpObjectCard({
      description: description({ fingerprints: allFingerprints }),
      certificates: [`${hex(certificates.AUT)}${'00'.repeat(100)}9000`],
    });
    const [file] = (await readOpenpgp(card))?.files ?? [];
    assert.ok(file && !('error' in file));
    assert.deepEqual(file.certificate, certificates.AUT);
  });

  test('with other bytes behind it, cut off, of another kind or protected is an error of its own', async () => {
    const der = hex(certificates.AUT);
    assert.deepEqual(await read(`${der}01 9000`), ['7F21.0 MalformedCardData']);
    assert.deepEqual(await read(`${der.slice(0, -2)}9000`), ['7F21.0 MalformedCardData']);
    assert.deepEqual(await read('5F29 01 00 9000'), ['7F21.0 MalformedCardData']);
    assert.deepEqual(await read('6982'), ['7F21.0 CardCommandFailed']);
  });

  test('its error names file and reader', async () => {
    const card = openpgpObjectCard({ description: description(), certificates: ['6982'] });
    const [file] = (await readOpenpgp(card))?.files ?? [];
    assert.ok(file && 'error' in file);
    assert.deepEqual(file.error.details, {
      file: '7F21.0',
      readerName: 'Test Reader',
      statusWord: 0x6982,
    });
  });
});

describe('a card that is none of the family', () => {
  test('does not select the application, or one out of service', async () => {
    for (const status of ['6A82', '6999', '6285', '6D00']) {
      const card = testCard(() => fromHex(status));
      assert.equal(await readOpenpgp(card), null);
      assert.equal(card.commands.length, 1);
    }
  });

  test('takes any SELECT for its own, and has no such description', async () => {
    for (const status of ['6986', '6A81', '6A82', '6A86', '6A88', '6B00', '6D00', '6E00']) {
      const card = testCard((_, count) => fromHex(count === 1 ? '9000' : status));
      assert.equal(await readOpenpgp(card), null);
    }
  });

  test('a description that is refused or damaged is an error', async () => {
    const open = (answer: string) =>
      openOpenpgp(testCard((_, count) => fromHex(count === 1 ? '9000' : answer)));
    await assert.rejects(open('6982'), { id: 'CardCommandFailed' });
    for (const answer of ['9000', '6E0A9000', '6E00 9000', '6E04 4F02D276 9000', '6E7F80 9000'])
      await assert.rejects(open(answer), { id: 'MalformedCardData' }, answer);
  });
});

describe('public keys', () => {
  const keyOf = async (publicKey: string, slot: string | null = 'AUT'): Promise<unknown> => {
    const card = openpgpObjectCard({ description: description(), publicKey });
    const application = await openOpenpgp(card);
    assert.ok(application);
    const file = { fileName: '7F21.0', certificate: certificates.AUT, label: null, isRoot: false };
    const rest = { container: null, keySpec: 'KeyExchange', key: 'Unnamed' } as const;
    return application.publicKey({ ...file, ...rest, slot });
  };

  test('an elliptic curve’s point', async () => {
    assert.deepEqual(await keyOf('7F49 05 86 03 04AABB 9000'), { kind: 'EC', point: fromHex('04AABB') });
  });

  test('null for an absent key, a curve of another form, or an answer that can’t be understood', async () => {
    const answers = [
      '6A88',
      '6985',
      '9000',
      '7F49 22 86 20' + '11'.repeat(32) + '9000',
      '7F49 03 81 01 05 9000',
      '7F49 7F 9000',
      '00',
    ];
    for (const answer of answers) assert.equal(await keyOf(answer), null, answer);
    assert.equal(await keyOf('7F49 05 86 03 04AABB 9000', null), null);
  });

  test('are read, never made: P1 is 81', async () => {
    const card = openpgpObjectCard({
      description: description({ version: '0303' }),
      certificates: [stored('AUT'), stored('DEC'), stored('SIG')],
    });
    await readOpenpgp(card, true);
    assert.deepEqual(
      card.commands.filter((command) => command.startsWith('0047')),
      ['00478100000002A4000000', '00478100000002B8000000', '00478100000002B6000000'],
    );
  });
});
