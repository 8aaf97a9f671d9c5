import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../engine/text.js';
import type { Pkcs15CardKind } from '../../engine/virtual/pkcs15-card-state.js';
import { blankPkcs15Card, pkcs15Card, type Pkcs15Card } from '../../engine/virtual/pkcs15-card.js';
import { fromHex } from '../card/scripted-card.js';

const names = { MyEID: 'A000000063504B43532D3135', IsoApplet: 'F276A288BCFBA69D34F31001' } as const;

function newCard(kind: Pkcs15CardKind): { card: Pkcs15Card; send: (command: string) => Promise<string> } {
  const card = pkcs15Card(blankPkcs15Card(kind));
  return { card, send: async (command) => hex(await card.transmit(fromHex(command))) };
}

async function selected(kind: Pkcs15CardKind) {
  const made = newCard(kind);
  assert.equal(await made.send(`00A404000C${names[kind]}`), '9000');
  return made;
}

const isoAppletFile = (identifier: string, conditions: string) =>
  `00E00000176F15 81020010 820101 8302${identifier} 8608${conditions}`;
const open = 'FF00000000000000';

describe('the virtual IsoApplet', () => {
  test('answers nothing before its name is selected, and knows no other', async () => {
    const { send } = newCard('IsoApplet');
    assert.equal(await send('00A4000002 3F00 00'), '6986');
    assert.equal(await send('00B0000000'), '6D00');
    assert.equal(await send(`00A404000C${names.MyEID}`), '6A82');
    assert.equal(await send(`00A404000C${names.IsoApplet}`), '9000');
    assert.equal(await send('00A4000002 3F00 00'), '6F0782013883023F009000');
  });

  test('keeps what is written to a file, between its bounds', async () => {
    const { send } = await selected('IsoApplet');
    assert.equal(await send(isoAppletFile('3400', open)), '9000');
    assert.equal(await send(isoAppletFile('3400', open)), '6A89');
    assert.equal(await send('00D60002 03 AABBCC'), '9000');
    assert.equal(await send('00B00000 06'), '0000AABBCC009000');
    assert.equal(await send('00B0000C 00'), '000000009000');
    assert.equal(await send('00B00010 00'), '6B00');
    assert.equal(await send('00D6000E 03 AABBCC'), '6B00');
    assert.equal(await send('00A40800 02 3400 00'), '6F1581020010820101830234008608FF000000000000009000');
    assert.equal(await send('00A40800 02 3499 00'), '6A82');
  });

  test('asks for the PIN once it has one, and counts the tries', async () => {
    const { card, send } = await selected('IsoApplet');
    await send(isoAppletFile('3400', 'FF909090909090FF'));
    await send(isoAppletFile('3401', 'FF90909090909000'));
    assert.equal(await send('0024010210 31323334353637383930313233343536'), '9000');
    assert.equal(await send('0024010106 313233343536'), '9000');
    card.reset();
    await send(`00A404000C${names.IsoApplet}`);
    await send('00A4000002 3401 00');
    assert.equal(await send('00B00000 01'), '009000');
    assert.equal(await send('00D60000 01 AA'), '6982');
    assert.equal(await send('00200001 10 30000000000000000000000000000000'), '63C2');
    assert.equal(await send('00200001'), '63C2');
    assert.equal(await send('00200001 10 31323334353600000000000000000000'), '9000');
    assert.equal(await send('00200001'), '9000');
    assert.equal(await send('00D60000 01 AA'), '9000');
    await send('00A4000002 3400 00');
    assert.equal(await send('00B00000 01'), '6982', 'never');
    assert.equal(await send('0024010106 313233343536'), '6A86', 'set once only');
  });

  test('deletes a directory with all in it', async () => {
    const { card, send } = await selected('IsoApplet');
    await send(`00E00000176F15 81020000 820138 83025015 8608${open}`);
    await send(isoAppletFile('3400', open));
    assert.deepEqual([...card.state.files.keys()], ['', '5015', '50153400']);
    await send('00A4080002 5015 00');
    assert.equal(await send('00E40000'), '9000');
    assert.deepEqual([...card.state.files.keys()], ['']);
  });
});

describe('the virtual MyEID', () => {
  test('has its application from the beginning, and says that PINs do not matter yet', async () => {
    const { send } = await selected('MyEID');
    assert.match(await send('00A4080002 5015 00'), /8A01019000$/);
    assert.equal((await send('00CA01A014')).slice(0, 16), '4D79454944040001');
  });

  test('keeps to its access rules once activated', async () => {
    const { send } = await selected('MyEID');
    await send('00DA010113 3132333435360000 3837363534333231 03 03 00');
    await send('00E0000019 6217 80020010 820101 83024301 86030110FF 85020000 8A0100');
    assert.equal(await send('00D60000 01 AA'), '9000');
    assert.equal(await send(`004404000C${names.MyEID}`), '9000');
    assert.equal(await send('00B00000 01'), 'AA9000');
    assert.equal(await send('00D60000 01 BB'), '6982');
    assert.equal(await send('00200001 08 3132333435360000'), '9000');
    assert.equal(await send('00D60000 01 BB'), '9000');
    assert.equal(await send('002E0000'), '9000');
    assert.equal(await send('00D60000 01 CC'), '6982');
    assert.match(await send('00A4080004 50154301 00'), /8A01079000$/);
  });

  test('changes and unblocks a PIN', async () => {
    const { card, send } = await selected('MyEID');
    await send('00DA010113 3132333435360000 3837363534333231 03 03 00');
    assert.equal(await send('00240001 10 3132333435360000 3131313131310000'), '9000');
    for (const left of ['63C2', '63C1', '6983']) {
      assert.equal(await send('00200001 08 3132333435360000'), left);
    }
    assert.equal(await send('00200001 08 3131313131310000'), '6983');
    assert.equal(await send('002C0001 10 0000000000000000 3232323232320000'), '63C0');
    assert.equal(await send('002C0001 10 3837363534333231 3232323232320000'), '9000');
    assert.equal(await send('00200001 08 3232323232320000'), '9000');
    assert.equal(card.state.pins.get(1)?.triesLeft, 3);
  });
});

test('whatever command comes, the card answers with a status word', async () => {
  const instruction = fc.constantFrom(
    0x20,
    0x22,
    0x24,
    0x2c,
    0x2e,
    0x44,
    0xa4,
    0xb0,
    0xca,
    0xd6,
    0xda,
    0xdb,
    0xe0,
    0xe4,
  );
  const command = fc
    .tuple(fc.constantFrom(0x00, 0x10, 0xa0), instruction, fc.uint8Array({ minLength: 2, maxLength: 60 }))
    .map(([cla, ins, rest]) => Uint8Array.of(cla, ins, ...rest));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Pkcs15CardKind>('MyEID', 'IsoApplet'),
      fc.array(command, { maxLength: 20 }),
      async (kind, commands) => {
        const { card } = await selected(kind);
        for (const bytes of commands) assert.ok((await card.transmit(bytes)).length >= 2);
      },
    ),
    { numRuns: 500 },
  );
});
