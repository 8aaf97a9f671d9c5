import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openOpenpgp } from '../../engine/card/openpgp.js';
import { putOpenpgpCertificate } from '../../engine/virtual/openpgp-card-data.js';
import { putOpenpgpKey } from '../../engine/virtual/openpgp-card-keys.js';
import { newOpenpgpCard } from '../../engine/virtual/openpgp-card-state.js';
import { openpgpCard, type OpenpgpCard } from '../../engine/virtual/openpgp-card.js';
import { ecCertificate, rsaCertificate } from '../card/fixtures.js';
import { certificates, readOpenpgp, summary } from '../card/openpgp-object-card.js';
import { testCard } from '../card/scripted-card.js';
import { collect } from '../support/collect.js';

/** Sends commands in hex, returns the last response in upper-case hex. */
async function send(to: OpenpgpCard, ...commands: readonly string[]): Promise<string> {
  let response: Uint8Array = new Uint8Array();
  for (const command of commands)
    response = await to.transmit(Buffer.from(command.replaceAll(' ', ''), 'hex'));
  return Buffer.from(response).toString('hex').toUpperCase();
}

const select = '00A40400 06 D27600012401';
const getCertificate = '00CA7F21 00';
const getNextCertificate = '00CC7F21 00';
const selectData = (occurrence: number): string => `00A5 0${occurrence} 04 06 60045C027F21`;
const verifyAdmin = '00200083 08 3132333435363738';
const verifyUser = '00200082 06 313233343536';

async function selected(options: Parameters<typeof newOpenpgpCard>[0] = {}): Promise<OpenpgpCard> {
  const card = openpgpCard(newOpenpgpCard(options));
  await send(card, select);
  return card;
}

describe('the application', () => {
  test('is selected by the beginning of its identifier, and answers nothing before', async () => {
    const card = openpgpCard(newOpenpgpCard());
    assert.equal(await send(card, getCertificate), '6D00');
    assert.equal(await send(card, '00A40400 09 A00000030800001000'), '6A82');
    assert.equal(await send(card, select), '9000');
    assert.equal(await send(card, getCertificate), '9000');
    card.reset();
    assert.equal(await send(card, getCertificate), '6D00');
  });

  test('gives identifier, historical bytes and capabilities', async () => {
    const card = await selected({ manufacturer: 6, serial: 0x07654321, version: 0x0304 });
    assert.equal(
      await send(card, '00CA004F 00'),
      'D27600012401 0304 0006 07654321 0000 9000'.replaceAll(' ', ''),
    );
    assert.equal(await send(card, '00CA5F52 00'), '0073C001800590009000');
    assert.match(await send(card, '00CA006E 00'), /^6E81.*C00A0C000000080000FF0000.*DE06010002000300/u);
  });

  test('an unknown object is not found', async () => {
    assert.equal(await send(await selected(), '00CA00FA 00'), '6A88');
  });
});

describe('PINs', () => {
  test('are verified, counted down, blocked, and forgotten at reset', async () => {
    const card = await selected();
    assert.equal(await send(card, '00200083'), '63C3');
    assert.equal(await send(card, verifyAdmin), '9000');
    assert.equal(await send(card, '00200083'), '9000');
    card.reset();
    assert.equal(await send(card, select, '00200083'), '63C3');
    for (const status of ['63C2', '63C1', '63C0', '6983'])
      assert.equal(await send(card, '00200082 06 303030303030'), status);
    assert.equal(await send(card, verifyUser), '6983');
    assert.match(await send(card, '00CA00C4 00'), /^007F7F7F0000039000$/u);
  });

  test('only the administrator writes certificates and makes keys', async () => {
    const card = await selected();
    for (const command of ['00DA7F21 02 3000', '00478000 02 B600 00', '00DA005B 01 41', '00DA0104 01 41']) {
      assert.equal(await send(card, verifyUser, command), '6982', command);
      assert.match(await send(card, verifyAdmin, command), /9000$|61..$/u, command);
      await send(card, select);
    }
  });
});

describe('certificates', () => {
  async function withThree(options: Parameters<typeof newOpenpgpCard>[0] = {}): Promise<OpenpgpCard> {
    const card = await selected(options);
    for (const occurrence of [0, 1, 2])
      await send(card, verifyAdmin, selectData(occurrence), `00DA7F21 03 3001 0${occurrence}`);
    return card;
  }

  test('are chosen with SELECT DATA; another object’s reading goes back to the first', async () => {
    const card = await withThree();
    assert.equal(await send(card, selectData(2), getCertificate), '3001029000');
    assert.equal(await send(card, getCertificate), '3001029000');
    assert.equal(await send(card, '00CA004F 00', getCertificate), '3001009000');
    assert.equal(await send(card, selectData(3)), '6A88');
    assert.equal(await send(card, '00A50104 07 0660045C027F21'), '6A80');
  });

  test('follow one another with GET NEXT DATA', async () => {
    const card = await withThree();
    assert.equal(await send(card, select, getNextCertificate), '6985');
    assert.equal(await send(card, getCertificate, getNextCertificate), '3001019000');
    assert.equal(await send(card, getNextCertificate), '3001029000');
    assert.equal(await send(card, getNextCertificate), '6A88');
  });

  test('a card with the length first refuses the specification’s form', async () => {
    const card = await selected({ selectData: 'LengthFirst' });
    assert.equal(await send(card, selectData(1)), '6A80');
    assert.equal(await send(card, '00A50104 07 0660045C027F21'), '9000');
  });

  test('before version 3 there is one, and no SELECT DATA', async () => {
    const card = await selected({ version: 0x0201 });
    assert.equal(await send(card, selectData(0)), '6D00');
    assert.equal(await send(card, verifyAdmin, '00DA7F21 02 3000', getCertificate), '30009000');
    assert.throws(() => putOpenpgpCertificate(card.state, 1, ecCertificate), { statusWord: 0x6a88 });
  });

  test('come in chains where the card takes no extended length', async () => {
    const card = await selected();
    const [first, rest] = [ecCertificate.subarray(0, 255), ecCertificate.subarray(255)];
    const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    await send(card, verifyAdmin, `10DA7F21 FF ${hexOf(first)}`);
    const length = rest.length.toString(16).padStart(2, '0');
    assert.equal(await send(card, `00DA7F21 ${length} ${hexOf(rest)}`), '9000');
    assert.deepEqual(card.state.certificates.get(0), Buffer.from(ecCertificate));
    assert.match(await send(card, getCertificate), /6183$/u);
  });

  test('over 2,048 bytes have no place', async () => {
    const card = await selected();
    assert.throws(() => putOpenpgpCertificate(card.state, 0, new Uint8Array(2049)), { statusWord: 0x6700 });
  });
});

describe('keys', () => {
  test('are made with the algorithm attributes, and read back by everyone', async () => {
    const card = await selected({ extendedLength: true });
    await send(card, verifyAdmin, '00DA00C2 09 122A8648CE3D030107', '00DA00C3 06 132B81040022');
    assert.match(await send(card, '00478000 02 B600 00'), /^7F4982010981820100/u);
    const point = await send(card, '00478000 02 B800 00');
    assert.match(point, /^7F4943864104.{128}9000$/u);
    assert.match(await send(card, '00478000 02 A400 00'), /^7F4963866104.{192}9000$/u);
    card.reset();
    assert.equal(await send(card, select, '00478100 02 B800 00'), point);
    assert.match(await send(card, '00CA00DE 00'), /^0101020103019000$/u);
  });

  test('go when their algorithm attributes change; unknown attributes are refused', async () => {
    const card = await selected();
    putOpenpgpKey(card.state, 1, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    assert.equal(await send(card, verifyAdmin, '00DA00C1 06 010400001100'), '6A80');
    assert.equal(await send(card, '00DA00C1 06 010C00001100'), '9000');
    assert.equal(await send(card, '00478100 02 B600 00'), '6A88');
  });
});

describe('CertProp’s reader on the virtual card', () => {
  const stored = [certificates.AUT, certificates.DEC, rsaCertificate];

  async function read(options: Parameters<typeof newOpenpgpCard>[0], keys: readonly (1 | 2 | 3)[]) {
    const state = newOpenpgpCard(options);
    for (const key of keys)
      putOpenpgpKey(state, key, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    for (const [occurrence, certificate] of stored.entries())
      if ((options?.version ?? 0x0304) >= 0x0300 || occurrence === 0)
        putOpenpgpCertificate(state, occurrence, certificate);
    const card = openpgpCard(state);
    const commands: string[] = [];
    const connection = { ...testCard(() => new Uint8Array(), card.atr) };
    const transmit = async (command: Uint8Array) => {
      commands.push(Buffer.from(command).toString('hex'));
      return card.transmit(command);
    };
    const reading = await readOpenpgp({ ...connection, transmit });
    return { reading, commands };
  }

  const all = ['7F21.0 AUT Unnamed', '7F21.1 DEC Unnamed', '7F21.2 SIG Unnamed'];

  test('three certificates cost seven commands with extended length', async () => {
    const { reading, commands } = await read({ extendedLength: true }, [1, 2, 3]);
    assert.deepEqual(summary(reading), all);
    assert.deepEqual(
      reading?.files.map((file) => 'certificate' in file && file.certificate),
      stored,
    );
    assert.equal(commands.length, 7);
  });

  test('with short lengths, with the length first, and before version 3', async () => {
    assert.deepEqual(summary((await read({}, [1, 2, 3])).reading), all);
    const yubikey = await read({ selectData: 'LengthFirst', extendedLength: true }, [1, 2, 3]);
    assert.deepEqual(summary(yubikey.reading), all);
    assert.equal(yubikey.commands.length, 8);
    assert.deepEqual(summary((await read({ version: 0x0201 }, [3])).reading), all.slice(0, 1));
  });

  test('a key’s public half is the one that was put in', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const state = newOpenpgpCard();
    putOpenpgpKey(state, 3, publicKey);
    putOpenpgpCertificate(state, 0, ecCertificate);
    const card = openpgpCard(state);
    const transmit = async (command: Uint8Array) => card.transmit(command);
    const application = await openOpenpgp({ ...testCard(() => new Uint8Array(), card.atr), transmit });
    assert.ok(application);
    const [file] = await collect(application.certificates({ allSlots: false }));
    assert.ok(file && !('error' in file));
    const key = await application.publicKey(file);
    assert.ok(key?.kind === 'EC');
    assert.deepEqual(Buffer.from(key.point), publicKey.export({ format: 'der', type: 'spki' }).subarray(-65));
  });
});

describe('a client that sends anything', () => {
  test('always gets an answer with a status word', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.constantFrom(0x20, 0x47, 0xa5, 0xca, 0xcc, 0xda), fc.uint8Array({ maxLength: 40 })),
        ),
        async (commands) => {
          const card = await selected();
          await send(card, verifyAdmin);
          for (const [ins, rest] of commands) {
            // Making an RSA key takes long.
            if (ins === 0x47 && rest[0] === 0x80) continue;
            const response = await card.transmit(Uint8Array.of(0x00, ins, ...rest));
            assert.ok(response.length >= 2);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
