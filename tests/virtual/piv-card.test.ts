import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pivCard, type PivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard, type PivState } from '../../engine/virtual/piv-state.js';
import { readPiv } from '../card/piv-object-card.js';
import { testCard } from '../card/scripted-card.js';
import { ecCertificate, rsaCertificate } from '../card/fixtures.js';

/** Sends commands in hex, returns the last response in upper-case hex. */
async function send(to: PivCard, ...commands: readonly string[]): Promise<string> {
  let response: Uint8Array = new Uint8Array();
  for (const command of commands) {
    response = await to.transmit(Buffer.from(command.replaceAll(' ', ''), 'hex'));
  }
  return Buffer.from(response).toString('hex').toUpperCase();
}

const select = '00A40400 09 A00000030800001000 00';
const pin = '3132333435 36FFFF';

async function selected(options: Parameters<typeof newPivCard>[0] = {}): Promise<PivCard> {
  const card = pivCard(newPivCard(options));
  await send(card, select);
  return card;
}

/** The mutual authentication as SP 800-73-4, part 2, appendix A.1 describes it. */
async function manage(card: PivCard): Promise<string> {
  const challenge = '0011223344556677';
  const asked = await send(card, '0087039B 04 7C028000 00');
  assert.match(asked, /^7C0A8008[0-9A-F]{16}9000$/u);
  const witness = tripleDes(card.state, asked.slice(8, 24));
  const answered = await send(card, `0087039B 16 7C148008${witness}8108${challenge} 00`);
  if (!answered.endsWith('9000')) return answered;
  assert.equal(tripleDes(card.state, answered.slice(8, 24)), challenge);
  return answered.slice(-4);
}

function tripleDes({ managementKey }: PivState, block: string): string {
  const cipher = createDecipheriv('des-ede3', managementKey, null).setAutoPadding(false);
  return cipher.update(block, 'hex', 'hex').toUpperCase();
}

describe('SELECT', () => {
  test('finds the application by its whole name or the beginning of it, and answers as YubiKeys do', async () => {
    for (const name of ['05 A000000308', '09 A00000030800001000', '0B A000000308000010000100']) {
      const card = pivCard(newPivCard());
      assert.equal(await send(card, `00A40400 ${name} 00`), '61114F0600001000010079074F05A0000003089000');
    }
  });

  test('of another application is refused and changes nothing', async () => {
    const card = await selected();
    assert.equal(await send(card, '00A40400 09 A00000039742544659 00'), '6A82');
    assert.equal(await send(card, '00A40400 04 A0000003 00'), '6A82');
    assert.equal(await send(card, '00F8000000'), '00BC614E9000');
  });

  test('comes before anything else, also after a reset', async () => {
    const card = pivCard(newPivCard());
    assert.equal(await send(card, '00F8000000'), '6D00');
    await send(card, select);
    card.reset();
    assert.equal(await send(card, '00CB3FFF 05 5C035FC102 00'), '6D00');
  });
});

describe('GET DATA', () => {
  test('answers a missing object as the card is made to', async () => {
    for (const [absent, expected] of [
      [0x6a82, '6A82'],
      [0x6a88, '6A88'],
      ['Empty', '53009000'],
    ] as const) {
      assert.equal(await send(await selected({ absent }), '00CB3FFF 05 5C035FC105 00'), expected);
    }
  });

  test('has the discovery object in its own template', async () => {
    const expected = '7E124F0BA0000003080000100001005F2F0240009000';
    assert.equal(await send(await selected(), '00CB3FFF 03 5C017E 00'), expected);
  });

  test('gives a long object in parts, or whole in extended length', async () => {
    const card = await selected({ extendedLength: true });
    putPivCertificate(card.state, '9A', rsaCertificate);
    const whole = await send(card, '00CB3FFF 000005 5C035FC105 0000');
    assert.match(whole, /^538203E0708203D7.*710100FE009000$/u);
    assert.match(await send(card, '00CB3FFF 05 5C035FC105 00'), /^538203E0.*6100$/u);
    assert.match(await send(card, '00C0000000', '00C0000000'), /6100$|61E4$/u);
    assert.equal((await send(await selected(), '00CB3FFF 000005 5C035FC105 0000')).slice(-4), '6700');
  });

  test('refuses what is no list of one tag', async () => {
    const card = await selected();
    assert.equal(await send(card, '00CB0000 05 5C035FC105 00'), '6A86');
    for (const data of ['02 5C00', '06 5C045FC10500', '03 5D017E', '03 5C0401']) {
      assert.equal(await send(card, `00CB3FFF ${data} 00`), '6A80', data);
    }
  });
});

describe('writing', () => {
  const object = '5C035FC102 5303010203';

  test('needs the management key', async () => {
    const card = await selected();
    assert.equal(await send(card, `00DB3FFF 0A ${object}`), '6982');
    assert.equal(await send(card, '0047009A 05 AC03800111 00'), '6982');
    assert.equal(await manage(card), '9000');
    assert.equal(await send(card, `00DB3FFF 0A ${object}`), '9000');
    assert.equal(await send(card, '00CB3FFF 05 5C035FC102 00'), '53030102039000');
  });

  test('an empty object deletes it', async () => {
    const card = await selected();
    await manage(card);
    await send(card, `00DB3FFF 0A ${object}`, '00DB3FFF 07 5C035FC102 5300');
    assert.equal(card.state.objects.size, 0);
  });

  test('of a long object takes a chain', async () => {
    const card = await selected();
    await manage(card);
    const data = `5C035FC105 53820100 ${'AB'.repeat(256)}`.replaceAll(' ', '');
    assert.equal(await send(card, `10DB3FFF FF ${data.slice(0, 510)}`), '9000');
    assert.equal(await send(card, `00DB3FFF 0A ${data.slice(510)}`), '9000');
    assert.equal(card.state.objects.get(0x5fc105)?.length, 256);
  });

  test('is over after a wrong answer to the witness, a reset, or another SELECT', async () => {
    for (const end of [
      async (card: PivCard) => send(card, `0087039B 16 7C148008${'00'.repeat(8)}8108${'00'.repeat(8)} 00`),
      (card: PivCard) => {
        card.reset();
        return send(card, select);
      },
      (card: PivCard) => send(card, select),
    ]) {
      const card = await selected();
      await manage(card);
      await end(card);
      assert.equal(await send(card, `00DB3FFF 0A ${object}`), '6982');
    }
  });

  test('of a new key gives its public half: RSA 2048, P-256, P-384', async () => {
    const card = await selected({ extendedLength: true });
    await manage(card);
    const generate = (algorithm: string): Promise<string> =>
      send(card, `0047009A 000005 AC038001${algorithm} 0000`);
    assert.match(await generate('07'), /^7F4982010981820100[0-9A-F]{512}82030100019000$/u);
    assert.match(await generate('11'), /^7F4943864104[0-9A-F]{128}9000$/u);
    assert.match(await generate('14'), /^7F4963866104[0-9A-F]{192}9000$/u);
    assert.equal(await generate('05'), '6A80');
    assert.equal(await send(card, '0047009B 05 AC03800111 00'), '6A86');
  });
});

describe('the PIN', () => {
  test('is padded to eight bytes; wrong ones are counted, and the third one blocks', async () => {
    const card = await selected();
    assert.equal(await send(card, '0020008000'), '63C3');
    assert.equal(await send(card, `00200080 08 ${pin}`), '9000');
    assert.equal(await send(card, '0020008000'), '9000');
    const wrong = `00200080 08 ${'31'.repeat(8)}`;
    assert.equal(await send(card, '00200080 06 313233343536'), '6A80');
    assert.deepEqual(
      [await send(card, wrong), await send(card, wrong), await send(card, wrong), await send(card, wrong)],
      ['63C2', '63C1', '63C0', '6983'],
    );
    assert.equal(await send(card, `00200080 08 ${pin}`), '6983');
  });
});

describe('the card', () => {
  test('has a serial number and a version, or says that it does not know the question', async () => {
    assert.equal(await send(await selected(), '00F8000000'), '00BC614E9000');
    assert.equal(await send(await selected({ serialNumber: null }), '00F8000000'), '6D00');
    assert.equal(await send(await selected(), '00FD000000'), '0502049000');
  });

  test('gives the reader its certificates in each form, and no slot besides', async () => {
    const card = pivCard(newPivCard());
    putPivCertificate(card.state, '9A', rsaCertificate);
    putPivCertificate(card.state, '9C', ecCertificate, 'Gzip');
    putPivCertificate(card.state, '95', rsaCertificate, 'Zlib');
    const connection = testCard(() => Uint8Array.of(0x6f, 0x00), card.atr);
    const reading = await readPiv(
      { ...connection, transmit: async (command) => card.transmit(command) },
      true,
    );
    assert.deepEqual(
      reading?.files.map((file) => 'slot' in file && [file.slot, file.certificate]),
      [
        ['9A', rsaCertificate],
        ['9C', ecCertificate],
        ['95', rsaCertificate],
      ],
    );
    assert.throws(() => putPivCertificate(card.state, '9B', rsaCertificate), RangeError);
  });

  test('answers any command with a status word', async () => {
    const commands = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(
          fc.constantFrom(0x20, 0x47, 0x87, 0xa4, 0xc0, 0xcb, 0xdb, 0xf8, 0xfd),
          fc.constantFrom(0x00, 0x03, 0x04, 0x3f),
          fc.constantFrom(0x00, 0x80, 0x9a, 0x9b, 0xff),
          fc.uint8Array({ maxLength: 30 }),
        )
        .map(([ins, p1, p2, data]) => Uint8Array.of(0x00, ins, p1, p2, data.length, ...data, 0x00)),
    );
    const card = await selected();
    await manage(card);
    await fc.assert(
      fc.asyncProperty(commands, async (command) => {
        assert.ok((await card.transmit(command)).length >= 2);
      }),
      { numRuns: 500 },
    );
  });
});
