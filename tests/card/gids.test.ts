import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CardCertificateFile, UnreadableFile } from '../../engine/card/card.js';
import { readCounters, selectGids, writeCounters, type Gids } from '../../engine/card/gids.js';
import { readCertificates, readContainers, readRoots } from '../../engine/card/gids-certificates.js';
import { readPublicKey } from '../../engine/card/gids-key.js';
import { CertPropError } from '../../engine/errors.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { hex } from '../../engine/text.js';
import {
  ecCertificate,
  ecCertificateFile,
  rootCertificate,
  rootsFile,
  rsaCertificate,
  rsaCertificateFile,
} from './fixtures.js';
import {
  dataObject,
  fromHex,
  masterFileRecord,
  objectCard,
  scriptedCard,
  testCard,
  type ObjectCard,
} from './scripted-card.js';

const select = '00A4040009A0000003974254465900';

/** A cmapfile record with an ASCII name. */
const containerRecord = (name: string, flags: number): Uint8Array => {
  const record = Buffer.alloc(86);
  record.write(name, 0, 'utf16le');
  record[80] = flags;
  record.writeUInt16LE(2048, 84);
  return record;
};

const standardFiles: [string, string, number, number][] = [
  ['mscp', '', 0, 0xa000],
  ['', 'cardid', 0xdf20, 0xa012],
  ['', 'cardapps', 0xdf21, 0xa010],
  ['', 'cardcf', 0xdf22, 0xa010],
  ['mscp', 'cmapfile', 0xdf23, 0xa010],
];

interface Contents {
  /** In `mscp`, from tag DF24 up. */
  readonly files?: Record<string, Uint8Array>;
  readonly containers?: readonly Uint8Array[];
  /** How a data object is given: whole (as most cards do) or as its bare value. */
  readonly bare?: boolean;
}

function gidsCard({ files = {}, containers = [], bare = false }: Contents = {}): ObjectCard {
  const objects = new Map<string, Uint8Array>();
  const put = (efid: number, tag: number, value: Uint8Array): void => {
    const tagText = tag.toString(16).toUpperCase();
    objects.set(`${efid.toString(16).toUpperCase()}/${tagText}`, bare ? value : dataObject(tagText, value));
  };
  const ownFiles = Object.keys(files).map((name, index): [string, string, number, number] => [
    'mscp',
    name,
    0xdf24 + index,
    0xa010,
  ]);
  const records = [...standardFiles, ...ownFiles].map((record) => masterFileRecord(...record));
  put(0xa000, 0xdf1f, Buffer.concat([Uint8Array.of(1), ...records]));
  put(0xa012, 0xdf20, fromHex('00112233445566778899AABBCCDDEEFF'));
  put(0xa010, 0xdf22, fromHex('00 00 0500 0600'));
  put(0xa010, 0xdf23, Buffer.concat(containers));
  Object.values(files).forEach((value, index) => {
    put(0xa010, 0xdf24 + index, value);
  });
  return objectCard(objects);
}

async function open(card: SmartCardConnection): Promise<Gids> {
  const gids = await selectGids(card);
  assert.ok(gids !== null);
  return gids;
}

async function all(
  files: AsyncGenerator<CardCertificateFile | UnreadableFile>,
): Promise<(CardCertificateFile | UnreadableFile)[]> {
  const result = [];
  for await (const file of files) result.push(file);
  return result;
}

const summary = (file: CardCertificateFile | UnreadableFile): string =>
  'error' in file
    ? `${file.fileName}: ${file.error.id}`
    : `${file.fileName}: ${file.container?.name ?? 'no container'}, ${file.keySpec ?? 'no key'}`;

describe('selecting the GIDS application', () => {
  test('gives the card id as 32 upper-case hex digits', async () => {
    const card = gidsCard();
    assert.equal((await open(card)).cardId, '00112233445566778899AABBCCDDEEFF');
    assert.equal(card.commands[0], select);
  });

  test('a card without the application is none', async () => {
    for (const status of ['6A82', '6A81', '6999', '6986', '6D00', '6E00', '6700']) {
      assert.equal(await selectGids(scriptedCard([[select, status]])), null);
    }
  });

  test('a card that takes any SELECT and does not know GET DATA is none', async () => {
    const card = testCard((command) => fromHex(command[1] === 0xa4 ? '9000' : '6D00'));
    assert.equal(await selectGids(card), null);
  });

  test('a card that was never initialized says so', async () => {
    for (const status of ['6A82', '6A88']) {
      const card = testCard((command) => fromHex(command[1] === 0xa4 ? '9000' : status));
      await assert.rejects(selectGids(card), { id: 'CardObjectNotFound', message: /never initialized/u });
    }
  });

  test('a damaged table of files or card id is an error', async () => {
    for (const [place, object] of [
      ['A000/DF1F', 'DF1F 00'],
      ['A000/DF1F', 'DF1F 02 02 00'],
      ['A000/DF1F', 'DF1F 02 01 00'],
      ['A000/DF1F', 'DF1F 05 01'],
      ['A012/DF20', 'DF20 02 0102'],
    ] as const) {
      const card = gidsCard();
      card.objects.set(place, fromHex(object));
      await assert.rejects(selectGids(card), { id: 'MalformedCardData' });
    }
  });

  test('objects may come as bare values too', async () => {
    const card = gidsCard({
      bare: true,
      files: { kxc00: rsaCertificateFile },
      containers: [containerRecord('Key', 3)],
    });
    const gids = await open(card);
    assert.equal(gids.cardId, '00112233445566778899AABBCCDDEEFF');
    assert.deepEqual((await all(readCertificates(gids))).map(summary), ['kxc00: Key, KeyExchange']);
  });

  test('extended length is used where the application announces it (47)', async () => {
    const card = scriptedCard([
      [select, '61 10 4F 09 A00000039742544659 47 03 080140 9000'],
      ['00CBA000 000004 5C02DF1F 0000', '6A88'],
    ]);
    await assert.rejects(selectGids(card), { id: 'CardObjectNotFound' });
    assert.equal(card.commands.length, 2);
  });
});

describe('reading certificates', () => {
  const threeKeys = {
    files: { kxc00: rsaCertificateFile, ksc01: ecCertificateFile, kxc02: rsaCertificate },
    containers: [containerRecord('First', 1), containerRecord('Second', 3), containerRecord('Third', 1)],
  };

  test('gives each with its container and key spec', async () => {
    const files = await all(readCertificates(await open(gidsCard(threeKeys))));
    assert.deepEqual(files, [
      {
        fileName: 'kxc00',
        certificate: rsaCertificate,
        container: { index: 0, name: 'First', isDefault: false },
        keySpec: 'KeyExchange',
        slot: '0',
        key: 'Named',
        label: null,
        isRoot: false,
      },
      {
        fileName: 'ksc01',
        certificate: ecCertificate,
        container: { index: 1, name: 'Second', isDefault: true },
        keySpec: 'Signature',
        slot: '1',
        key: 'Named',
        label: null,
        isRoot: false,
      },
      {
        fileName: 'kxc02',
        certificate: rsaCertificate,
        container: { index: 2, name: 'Third', isDefault: false },
        keySpec: 'KeyExchange',
        slot: '2',
        key: 'Named',
        label: null,
        isRoot: false,
      },
    ]);
  });

  test('three certificates of 1,500 bytes with ids and containers take 23 short commands', async () => {
    const large = (fill: number): Uint8Array => {
      const certificate = new Uint8Array(1500).fill(fill);
      certificate.set([0x30, 0x82, 0x05, 0xd8]);
      return certificate;
    };
    const card = gidsCard({ ...threeKeys, files: { kxc00: large(1), kxc01: large(2), kxc02: large(3) } });
    assert.equal(
      (await all(readCertificates(await open(card)))).filter((file) => 'certificate' in file).length,
      3,
    );
    assert.equal(card.commands.length, 23);
  });

  test('reads no object twice, and no other than it needs', async () => {
    const card = gidsCard(threeKeys);
    const gids = await open(card);
    await all(readCertificates(gids));
    await readContainers(gids);
    const read = card.commands
      .filter((command) => command.startsWith('00CB'))
      .map((c) => c.slice(4, 8) + c.slice(14, 18));
    assert.deepEqual(read, ['A000DF1F', 'A012DF20', 'A010DF23', 'A010DF24', 'A010DF25', 'A010DF26']);
  });

  test('a card without certificates is not asked for its containers', async () => {
    const card = gidsCard();
    assert.deepEqual(await all(readCertificates(await open(card))), []);
    assert.equal(card.commands.length, 3);
  });

  test('a certificate whose container is missing or deleted comes without one', async () => {
    const card = gidsCard({
      files: { kxc00: rsaCertificateFile, kxc01: ecCertificateFile, kxc07: rsaCertificate },
      containers: [containerRecord('Deleted', 0), containerRecord('Second', 1)],
    });
    assert.deepEqual((await all(readCertificates(await open(card)))).map(summary), [
      'kxc00: no container, KeyExchange',
      'kxc01: Second, KeyExchange',
      'kxc07: no container, KeyExchange',
    ]);
  });

  test('a file that is damaged, empty, missing or protected does not stop the others', async () => {
    const card = gidsCard({
      files: {
        kxc00: rsaCertificateFile.subarray(0, 100),
        kxc01: new Uint8Array(),
        kxc02: rsaCertificateFile,
        kxc03: rsaCertificateFile,
        kxc04: ecCertificateFile,
      },
      containers: ['A', 'B', 'C', 'D', 'E'].map((name) => containerRecord(name, 1)),
    });
    card.objects.delete('A010/DF26');
    const protecting: SmartCardConnection = {
      ...card,
      transmit: (command) =>
        hex(command).includes('5C02DF27') ? Promise.resolve(fromHex('6982')) : card.transmit(command),
    };
    assert.deepEqual((await all(readCertificates(await open(protecting)))).map(summary), [
      'kxc00: MalformedCardData',
      'kxc01: MalformedCardData',
      'kxc02: CardObjectNotFound',
      'kxc03: CardCommandFailed',
      'kxc04: E, KeyExchange',
    ]);
  });

  test('an error of a file names it', async () => {
    const card = gidsCard({ files: { kxc00: fromHex('02') } });
    const [file] = await all(readCertificates(await open(card)));
    assert.ok(file !== undefined && 'error' in file);
    assert.equal(file.error.details.file, 'kxc00');
  });

  test('a damaged container map is told, and the certificates come without containers', async () => {
    const card = gidsCard({ files: { kxc00: rsaCertificateFile }, containers: [new Uint8Array(85)] });
    assert.deepEqual((await all(readCertificates(await open(card)))).map(summary), [
      'cmapfile: MalformedCardData',
      'kxc00: no container, KeyExchange',
    ]);
  });

  test('a card without container map has no containers', async () => {
    const card = gidsCard();
    card.objects.delete('A010/DF23');
    assert.deepEqual(await readContainers(await open(card)), []);
  });

  test('OpenSC numbers the files in upper-case hexadecimal', async () => {
    const card = gidsCard({
      files: { kxc09: rsaCertificateFile, kxc0A: ecCertificateFile, kxc10: rsaCertificateFile },
      containers: Array.from({ length: 17 }, (_, index) => containerRecord(`Key ${String(index)}`, 1)),
    });
    assert.deepEqual((await all(readCertificates(await open(card)))).map(summary), [
      'kxc09: Key 9, KeyExchange',
      'kxc0a: Key 10, KeyExchange',
      'kxc10: Key 16, KeyExchange',
    ]);
  });

  test('a file that the table names twice comes once', async () => {
    const card = gidsCard({ files: { kxc00: rsaCertificateFile, KXC00: ecCertificateFile } });
    assert.equal((await all(readCertificates(await open(card)))).length, 1);
  });

  test('a removed card ends the reading', async () => {
    const card = gidsCard(threeKeys);
    const gids = await open({
      ...card,
      transmit: (command) =>
        card.commands.length < 6
          ? card.transmit(command)
          : Promise.reject(new CertPropError('CardRemoved', 'The card was removed.')),
    });
    await assert.rejects(all(readCertificates(gids)), { id: 'CardRemoved' });
  });
});

describe('reading roots', () => {
  test('gives each certificate of msroots', async () => {
    const card = gidsCard({ files: { msroots: rootsFile } });
    const files = await all(readRoots(await open(card)));
    assert.deepEqual(
      files,
      [rootCertificate, ecCertificate].map((certificate) => ({
        fileName: 'msroots',
        certificate,
        container: null,
        keySpec: null,
        slot: null,
        key: 'None',
        label: null,
        isRoot: true,
      })),
    );
  });

  test('a card without msroots has none, and is not asked', async () => {
    const card = gidsCard();
    assert.deepEqual(await all(readRoots(await open(card))), []);
    assert.equal(card.commands.length, 3);
  });

  test('a damaged bag is told', async () => {
    const card = gidsCard({ files: { msroots: rootCertificate } });
    assert.deepEqual((await all(readRoots(await open(card)))).map(summary), ['msroots: MalformedCardData']);
  });
});

describe("reading a container's public key", () => {
  const request = (reference: string): string => `00CB3FFF 0A 70 08 84 01 ${reference} A5 03 7F 49 80 00`;
  const key = async (answer: string, index = 0): Promise<unknown> => {
    const gids = { card: scriptedCard([[request(hex(Uint8Array.of(0x81 + index))), answer]]) };
    return readPublicKey(gids, index);
  };

  test('RSA: modulus and exponent', async () => {
    assert.deepEqual(await key('7F49 08 81 02 C0DE 82 02 0101 9000'), {
      kind: 'RSA',
      modulus: fromHex('C0DE'),
      exponent: fromHex('0101'),
    });
  });

  test('elliptic curve: the point', async () => {
    assert.deepEqual(await key('7F49 05 86 03 04AABB 9000', 2), { kind: 'EC', point: fromHex('04AABB') });
  });

  test('a container without key', async () => {
    for (const status of ['6A80', '6A82', '6A88', '6984']) {
      await assert.rejects(key(status), { id: 'CardObjectNotFound' });
    }
    await assert.rejects(key('9000', 127), { id: 'CardObjectNotFound' });
    await assert.rejects(key('9000', -1), { id: 'CardObjectNotFound' });
  });

  test('an answer without key is an error', async () => {
    for (const answer of ['9000', '7F49 00 9000', '7F49 03 81 01 05 9000', '5C 01 00 9000']) {
      await assert.rejects(key(answer), { id: 'MalformedCardData' });
    }
  });
});

describe('the cache counters', () => {
  test('are read, written and read back', async () => {
    const card = gidsCard();
    const gids = await open(card);
    const before = await readCounters(gids);
    assert.deepEqual([before.containersFreshness, before.filesFreshness], [5, 6]);
    await writeCounters(gids, { ...before, filesFreshness: 0x0107 });
    assert.equal(card.commands.at(-1), '00DBA01009DF2206000005000701');
    assert.equal((await readCounters(gids)).filesFreshness, 0x0107);
  });

  test('cannot be written without the PIN', async () => {
    const card = gidsCard();
    const gids = await open({
      ...card,
      transmit: (command) =>
        command[1] === 0xdb ? Promise.resolve(fromHex('6982')) : card.transmit(command),
    });
    await assert.rejects(writeCounters(gids, await readCounters(gids)), {
      id: 'CardCommandFailed',
      details: { readerName: 'Test Reader', statusWord: 0x6982 },
    });
  });
});

describe('a card that lies', () => {
  const readEverything = async (card: SmartCardConnection): Promise<void> => {
    const gids = await selectGids(card);
    if (gids === null) return;
    await all(readCertificates(gids));
    await all(readRoots(gids));
    await readCounters(gids);
    await readPublicKey(gids, 0);
  };
  const onlyCertPropError = async (card: SmartCardConnection): Promise<void> => {
    await readEverything(card).catch((error: unknown) => {
      assert.ok(error instanceof CertPropError, String(error));
    });
  };

  test('with random answers leads to nothing but CertPropError', async () => {
    const answer = fc
      .tuple(fc.uint8Array({ maxLength: 260 }), fc.constantFrom('9000', '6100', '6C10', '6A88', '6982'))
      .map(([data, status]) => Buffer.concat([data, fromHex(status)]));
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 12 }), async (answers) => {
        const card = testCard((command, count) =>
          command[1] === 0xa4 ? fromHex('9000') : (answers[count % answers.length] ?? fromHex('9000')),
        );
        await onlyCertPropError(card);
      }),
      { numRuns: 300 },
    );
  });

  test('with bytes flipped in any object leads to nothing but CertPropError', async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(flips, async (changes) => {
        const card = gidsCard({
          files: { kxc00: rsaCertificateFile, ksc01: ecCertificateFile, msroots: rootsFile },
          containers: [containerRecord('A', 1), containerRecord('B', 1)],
        });
        const places = [...card.objects.keys()];
        for (const [object, position, mask] of changes) {
          const place = places[object % places.length] ?? '';
          const bytes = Uint8Array.from(card.objects.get(place) ?? []);
          const index = position % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ mask;
          card.objects.set(place, bytes);
        }
        await onlyCertPropError(card);
      }),
      { numRuns: 500 },
    );
  });
});
