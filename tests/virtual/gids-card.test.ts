import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import { blankCard } from '../../engine/virtual/card-state.js';
import { gidsCard, type GidsCard } from '../../engine/virtual/gids-card.js';
import { initializedCard, putFile } from '../../engine/virtual/personalization.js';
import { tlv } from '../../engine/virtual/tlv.js';

const adminKey = Buffer.from('0102030405060708090A0B0C0D0E0F101112131415161718', 'hex');
const cardId = Buffer.from('000102030405060708090A0B0C0D0E0F', 'hex');

function card(extendedLength = false): GidsCard {
  return gidsCard(initializedCard({ cardId, pin: Buffer.from('1234'), adminKey, extendedLength }));
}

/** Sends a command in hex, returns the response in upper-case hex. */
async function send(to: GidsCard, command: string): Promise<string> {
  const response = await to.transmit(Buffer.from(command.replaceAll(' ', ''), 'hex'));
  return Buffer.from(response).toString('hex').toUpperCase();
}

const verifyPin = '00200080 04 31323334';

/** PUT DATA in chained commands of 255 bytes. */
async function putChained(to: GidsCard, file: string, object: Uint8Array): Promise<string[]> {
  const answers: string[] = [];
  for (let offset = 0; offset < object.length; offset += 255) {
    const part = Buffer.from(object.subarray(offset, offset + 255));
    const cla = offset + 255 < object.length ? '10' : '00';
    const length = part.length.toString(16).padStart(2, '0');
    answers.push(await send(to, `${cla}DB${file}${length}${part.toString('hex')}`));
  }
  return answers;
}

describe('the answer to reset', () => {
  test('announces T=1 and command chaining, extended length where supported, and has a right check byte', () => {
    assert.equal(Buffer.from(card().atr).toString('hex'), '3b85018073c0018036');
    assert.equal(Buffer.from(card(true).atr).toString('hex'), '3b85018073c001c076');
  });
});

describe('SELECT', () => {
  test('finds the application by its name without revision, and names the whole of it', async () => {
    assert.equal(
      await send(card(), '00A40400 09 A00000039742544659 00'),
      '61124F0BA000000397425446590201' + '73034001C0' + '9000',
    );
  });

  test('does not find another application', async () => {
    assert.equal(await send(card(), '00A40400 09 A00000030800001000 00'), '6A82');
  });

  test('of the application again ends what was authenticated', async () => {
    const one = card();
    await send(one, verifyPin);
    await send(one, '00A40400 09 A00000039742544659 00');
    assert.equal(await send(one, '00200080'), '63C3');
  });
});

describe('GET DATA', () => {
  test('returns the object that file and tag name together', async () => {
    assert.equal(
      await send(card(), '00CBA012 04 5C02DF20 00'),
      'DF2010' + cardId.toString('hex').toUpperCase() + '9000',
    );
    assert.equal(await send(card(), '00CBA010 04 5C02DF22 00'), 'DF22060000000000009000');
    assert.equal(await send(card(), '00CBA010 04 5C02DF23 00'), 'DF23009000');
  });

  test('answers 6A88 for a missing object and 6A82 for a missing file', async () => {
    assert.equal(await send(card(), '00CBA000 04 5C02DF20 00'), '6A88');
    assert.equal(await send(card(), '00CBA0FF 04 5C02DF20 00'), '6A82');
  });

  test('needs the PIN where only the user may read, and refuses what only the administrator may', async () => {
    const one = card();
    assert.equal(await send(one, '00CBA013 04 5C02DF21 00'), '6982');
    await send(one, verifyPin);
    assert.equal(await send(one, '00CBA013 04 5C02DF21 00'), '6A88');
    assert.equal(await send(one, '00CBA014 04 5C02DF21 00'), '6982');
    assert.equal(await send(one, '00CBA011 04 5C02DF21 00'), '6982', 'A011 is never read');
  });

  test('gives a long object in parts: 61xx and GET RESPONSE', async () => {
    const one = card();
    putFile(one.state, { directory: 'mscp', name: 'kxc00' }, new Uint8Array(600).fill(0xaa));
    const first = await send(one, '00CBA010 04 5C02DF24 00');
    assert.equal(first, 'DF24820258' + 'AA'.repeat(251) + '6100');
    assert.equal(await send(one, '00C00000 00'), 'AA'.repeat(256) + '615D');
    assert.equal(await send(one, '00C00000 5D'), 'AA'.repeat(93) + '9000');
    assert.equal(await send(one, '00C00000 00'), '6985');
  });

  test('forgets the rest of a response when another command comes', async () => {
    const one = card();
    putFile(one.state, { directory: 'mscp', name: 'kxc00' }, new Uint8Array(600));
    await send(one, '00CBA010 04 5C02DF24 00');
    await send(one, '00200080');
    assert.equal(await send(one, '00C00000 00'), '6985');
  });

  test('in extended length gives a long object at once; a card without it answers 6700', async () => {
    const one = card(true);
    putFile(one.state, { directory: 'mscp', name: 'kxc00' }, new Uint8Array(600).fill(0xaa));
    assert.equal(await send(one, '00CBA010 000004 5C02DF24 0000'), 'DF24820258' + 'AA'.repeat(600) + '9000');
    assert.equal(await send(card(), '00CBA010 000004 5C02DF24 0000'), '6700');
  });
});

describe('PUT DATA', () => {
  test('to a file that the user writes needs the PIN', async () => {
    const one = card();
    assert.equal(await send(one, '00DBA010 09 DF2206000001000000'), '6982');
    await send(one, verifyPin);
    assert.equal(await send(one, '00DBA010 09 DF2206000001000000'), '9000');
    assert.equal(await send(one, '00CBA010 04 5C02DF22 00'), 'DF22060000010000009000');
    assert.equal(await send(one, '00DBA012 04 DF200100'), '6982', 'A012 is the administrator’s');
  });

  test('takes a long object by command chaining', async () => {
    const one = card();
    await send(one, verifyPin);
    const value = new Uint8Array(600).fill(0xbb);
    assert.deepEqual(await putChained(one, 'A010', tlv(0xdf25, value)), ['9000', '9000', '9000']);
    assert.deepEqual(Uint8Array.from(one.state.files.get(0xa010)?.objects.get(0xdf25) ?? []), value);
  });

  test('drops a chain that another command interrupts', async () => {
    const one = card();
    await send(one, verifyPin);
    assert.equal(await send(one, '10DBA010 04 DF250200'), '9000');
    assert.equal(await send(one, '00CBA010 04 5C02DF22 00'), '6883');
    assert.equal(await send(one, '00DBA010 01 00'), '6984');
    assert.equal(await send(one, '10A40400 09 A00000039742544659'), '6884');
  });

  test('deletes an object by an empty value over an empty one', async () => {
    const one = card();
    await send(one, verifyPin);
    await send(one, '00DBA010 04 DF250100');
    assert.equal(await send(one, '00DBA010 03 DF2500'), '9000');
    assert.equal(await send(one, '00CBA010 04 5C02DF25 00'), 'DF25009000');
    assert.equal(await send(one, '00DBA010 03 DF2500'), '9000');
    assert.equal(await send(one, '00CBA010 04 5C02DF25 00'), '6A88');
  });
});

describe('the PIN', () => {
  test('is counted down to blocked, and blocks the right one too', async () => {
    const one = card();
    assert.equal(await send(one, '00200080'), '63C3');
    assert.equal(await send(one, '00200080 04 30303030'), '63C2');
    assert.equal(await send(one, '00CB3FFF 04 5C027F71 00'), '7F71069701029301039000');
    assert.equal(await send(one, '00200080 04 30303030'), '63C1');
    assert.equal(await send(one, '00200080 04 30303030'), '63C0');
    assert.equal(await send(one, verifyPin), '6983');
    assert.equal(await send(one, '00200080'), '6983');
  });

  test('is good until reset or deauthentication, and the count starts again', async () => {
    const one = card();
    await send(one, '00200080 04 30303030');
    assert.equal(await send(one, verifyPin), '9000');
    assert.equal(await send(one, '00200080'), '9000');
    assert.equal(await send(one, '00200082'), '9000');
    assert.equal(await send(one, '00200080'), '63C3');
    await send(one, verifyPin);
    one.reset();
    assert.equal(await send(one, '00200080'), '63C3');
  });

  test('is changed with the old one; a wrong old one costs a try and ends the verification', async () => {
    const one = card();
    await send(one, verifyPin);
    assert.equal(await send(one, '00240080 08 3030303035363738'), '63C2');
    assert.equal(await send(one, '00200080'), '63C2');
    assert.equal(await send(one, '00240080 08 3132333435363738'), '9000');
    assert.equal(await send(one, '00200080 04 35363738'), '9000');
    assert.equal(await send(one, '00240080 07 35363738393939'), '6700', 'too short a new PIN');
    assert.equal(await send(one, '00200080 04 35363738'), '9000', 'the PIN is the old one still');
  });

  test('of another length than 4 to 16 bytes costs no try', async () => {
    const one = card();
    assert.equal(await send(one, '00200080 03 313233'), '63C3');
  });

  test('has no PUK', async () => {
    assert.equal(await send(card(), '00CB3FFF 04 5C027F73 00'), '6A88');
    assert.equal(await send(card(), '00200081 04 31323334'), '6A88');
  });
});

describe('the administrator', () => {
  async function authenticate(one: GidsCard, key: Uint8Array): Promise<string> {
    await send(one, '0022C1A4 03 830180');
    const terminal = Buffer.alloc(16, 0x55);
    const challenge = await send(one, `00870000 14 7C128110 ${terminal.toString('hex')} 00`);
    const random = Buffer.from(challenge.slice(8, 40), 'hex');
    const iv = Buffer.alloc(8);
    const cipher = createCipheriv('des-ede3-cbc', key, iv).setAutoPadding(false);
    const answer = cipher.update(
      Buffer.concat([random, terminal, Buffer.from('11111111111111', 'hex'), Buffer.of(0x80)]),
    );
    const proof = await send(one, `00870000 2C 7C2A8228 ${answer.toString('hex')} 00`);
    if (proof.length > 4) {
      const decipher = createDecipheriv('des-ede3-cbc', key, iv).setAutoPadding(false);
      const plain = decipher.update(Buffer.from(proof.slice(8, -4), 'hex'));
      assert.deepEqual(plain.subarray(0, 32), Buffer.concat([terminal, random]));
    }
    return proof.slice(-4);
  }

  test('authenticates with the 3DES key, writes cardid and unblocks the PIN', async () => {
    const one = card();
    for (let tries = 0; tries < 3; tries += 1) await send(one, '00200080 04 30303030');
    assert.equal(await authenticate(one, adminKey), '9000');
    assert.equal(await send(one, '00DBA012 04 DF200100'), '9000');
    assert.equal(await send(one, '002C0280 04 39393939'), '9000');
    assert.equal(await send(one, '00DBA012 04 DF200100'), '6982', 'unblocking ends the authentication');
    assert.equal(await send(one, '00200080 04 39393939'), '9000');
  });

  test('is refused with another key, and needs a new challenge then', async () => {
    const one = card();
    assert.equal(await authenticate(one, Buffer.alloc(24, 0x77)), '6982');
    assert.equal(await send(one, `00870000 2C 7C2A8228 ${'00'.repeat(40)} 00`), '6985');
    assert.equal(await send(one, '002C0280 04 39393939'), '6982');
  });
});

describe('keys', () => {
  const createKeyFile = '00E00000 1D 621B 820118 8302B081 8C058F10101000 A50B B609 800157 830181 950140';

  test('a key file is created, activated, filled and deleted; the public key needs no PIN', async () => {
    const one = card();
    assert.equal(await send(one, createKeyFile), '6982');
    await send(one, verifyPin);
    assert.equal(await send(one, createKeyFile), '9000');
    assert.equal(await send(one, createKeyFile), '6A89');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const key = privateKey.export({ type: 'pkcs1', format: 'der' });
    const content = tlv(0xa5, tlv(0x83, Uint8Array.of(2)), tlv(0x84, Uint8Array.of(0)), tlv(0x87, key));
    const template = tlv(0x70, tlv(0x84, Uint8Array.of(0x81)), content);
    assert.equal((await putChained(one, '3FFF', template)).at(-1), '6985', 'not before the file is active');
    await send(one, '00A4000C 02 B081');
    assert.equal(await send(one, '00440000'), '9000');
    assert.equal((await putChained(one, '3FFF', template)).at(-1), '9000');
    one.reset();
    const { n = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
    const modulus = Buffer.from(n, 'base64url').toString('hex').toUpperCase();
    assert.equal(
      await send(one, '00CB3FFF 0A 7008840181A5037F4980 00'),
      `7F498188818180${modulus}82030100019000`,
    );
    assert.ok(
      !writeCardImage(one.state).includes(Buffer.from(key.subarray(-32)).toString('hex').toUpperCase()),
    );
    await send(one, verifyPin);
    await send(one, '00A4000C 02 B081');
    assert.equal(await send(one, '00E40000'), '9000');
    assert.equal(await send(one, '00CB3FFF 0A 7008840181A5037F4980 00'), '6A88');
  });

  test('an elliptic curve key is generated, its point given as 86', async () => {
    const one = card();
    await send(one, verifyPin);
    await send(one, createKeyFile);
    await send(one, '00440000');
    assert.match(await send(one, '00470000 08 AC06 80010C 830181 00'), /^7F4943864104[0-9A-F]{128}9000$/);
  });
});

describe('a blank card', () => {
  test('takes a PIN and files without authentication, and protects them once activated', async () => {
    const one = gidsCard(blankCard());
    assert.equal(await send(one, '00CBA000 04 5C02DF1F 00'), '6A82');
    assert.equal(await send(one, '00240180 04 31323334'), '9000');
    assert.equal(await send(one, '00E00000 0E 620C8201398302A0108C03033000'), '9000');
    assert.equal(await send(one, '00440000'), '9000');
    assert.equal(await send(one, '00DBA010 04 DF220100'), '9000');
    assert.equal(await send(one, '00A4000C 02 3FFF'), '9000');
    assert.equal(await send(one, '00440000'), '9000');
    assert.equal(await send(one, '00DBA010 04 DF220100'), '6982');
    assert.equal(await send(one, '00240180 04 31323335'), '6982');
  });
});

describe('hostile commands', () => {
  test('of another class, instruction or length get their status word', async () => {
    assert.equal(await send(card(), '80CA0000 00'), '6E00');
    assert.equal(await send(card(), '0CCB3FFF 00'), '6882');
    assert.equal(await send(card(), '01CB3FFF 00'), '6881');
    assert.equal(await send(card(), '00FF0000 00'), '6D00');
    assert.equal(await send(card(), '00A404'), '6700');
    assert.equal(await send(card(), '00A40400 09 A000'), '6700');
    assert.equal(await send(card(), ''), '6700');
  });

  const instruction = fc.constantFrom(0x20, 0x22, 0x24, 0x2c, 0x44, 0x87, 0xa4, 0xc0, 0xcb, 0xdb, 0xe0, 0xe4);
  const file = fc.constantFrom(0x0000, 0x0080, 0x3fff, 0x2f01, 0xa000, 0xa010, 0xa012, 0xb080, 0xc1a4);
  const body = fc.uint8Array({ maxLength: 40 });
  const plausible = fc
    .tuple(fc.constantFrom(0x00, 0x10), instruction, file, body, fc.boolean())
    .map(([cla, ins, where, data, le]) =>
      Uint8Array.of(cla, ins, where >> 8, where & 0xff, data.length, ...data, ...(le ? [0] : [])),
    );

  test('never crash it: each gets a response of at least two bytes, and its state stays writable', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(plausible, fc.uint8Array({ maxLength: 300 })), { maxLength: 12 }),
        async (all) => {
          const one = card(true);
          await send(one, verifyPin);
          for (const command of all) {
            const response = await one.transmit(command);
            assert.ok(response.length >= 2 && response.length <= 65_538);
          }
          const image = writeCardImage(one.state);
          assert.equal(writeCardImage(readCardImage(image)), image);
        },
      ),
    );
  });
});
