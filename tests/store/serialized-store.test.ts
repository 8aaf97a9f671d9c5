import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeElement, maxElementBytes } from '../../engine/store/serialized.js';
import { decodeStore, maxStoreBytes, readStoreFile } from '../../engine/store/serialized-store.js';
import { isCorrupt, type CorruptEntry, type StoreEntry } from '../../engine/store/store.js';
import { ada, grace } from './certificates.js';
import { assertOnlyThrows, damagedFrom } from './hostile.js';
import { sampleEntries } from './serialized-store-sample.js';
import { temporaryFolder } from './temporary-folder.js';

const fixture = 'tests/fixtures/stores/wine.sst';
const header = '00000000 43455254';
const end = '00000000 00000000 00000000';

function bytes(...hexLines: string[]): Uint8Array {
  return Buffer.from(hexLines.join('').replaceAll(' ', ''), 'hex');
}

function storeOf(...elements: Uint8Array[]): Uint8Array {
  return Buffer.concat([bytes(header), ...elements, bytes(end)]);
}

const adaElement = encodeElement(ada.der, new Map([[11, bytes('4100 0000')]]));
const graceElement = encodeElement(grace.der, new Map());

const thumbprints = (entries: readonly (StoreEntry | CorruptEntry)[]) =>
  entries.map((entry) => (isCorrupt(entry) ? entry.name : entry.thumbprint));

void test("the store that crypt32 wrote is read, with its certificates' properties", () => {
  const entries = decodeStore(readFileSync(fixture));
  assert.deepEqual(thumbprints(entries), [grace.thumbprint, ada.thumbprint]);
  for (const entry of entries) {
    assert.ok(!isCorrupt(entry));
    const sample = sampleEntries.find(({ certificate }) => certificate.thumbprint === entry.thumbprint);
    const plain = (properties: ReadonlyMap<number, Uint8Array>) =>
      [...properties].map(([id, value]) => [id, Buffer.from(value).toString('hex')]);
    assert.deepEqual(plain(entry.properties), plain(sample?.properties ?? new Map()));
    assert.deepEqual(Buffer.from(entry.certificate), sample?.certificate.der);
  }
});

void test('a store without certificates is empty', () => {
  assert.deepEqual(decodeStore(storeOf()), []);
});

void test('revocation lists and trust lists are passed over, with their properties', () => {
  const revocationList = bytes('0b000000 01000000 02000000 4100', '21000000 01000000 02000000 3000');
  const trustList = bytes('03000000 01000000 01000000 aa', '22000000 01000100 02000000 3000');
  const entries = decodeStore(storeOf(revocationList, adaElement, trustList, graceElement));
  assert.deepEqual(thumbprints(entries), [ada.thumbprint, grace.thumbprint]);
  assert.ok(entries[1] !== undefined && !isCorrupt(entries[1]));
  assert.deepEqual([...entries[1].properties.keys()], [3]);
});

void test('a certificate that can not be read is told by its number, and the others are read', () => {
  const twice = bytes(
    '0b000000 01000000 00000000',
    '0b000000 01000000 00000000',
    '20000000 01000000 01000000 30',
  );
  const large = Buffer.concat([
    bytes('0b000000 01000000 00001000'),
    new Uint8Array(maxElementBytes),
    bytes('20000000 01000000 01000000 30'),
  ]);
  const entries = decodeStore(storeOf(twice, adaElement, large));
  assert.deepEqual(thumbprints(entries), ['certificate 1', ada.thumbprint, 'certificate 3']);
  const problems = entries.filter(isCorrupt).map(({ problem }) => problem);
  assert.match(problems[0] ?? '', /certificate 1 is damaged: .*property 11 is there twice/u);
  assert.match(problems[1] ?? '', /certificate 3 is damaged: .*more than 1048576/u);
});

void test('each way in which a file as a whole can be wrong is named', () => {
  const cases: [Uint8Array, RegExp][] = [
    [bytes(), /does not begin with the header/u],
    [bytes('00000000 43455255', end), /does not begin with the header/u],
    [adaElement, /does not begin with the header/u],
    [bytes(header), /cut off at byte 8: its end is missing/u],
    [Buffer.concat([bytes(header), adaElement]), /its end is missing/u],
    [
      bytes(header, '0b000000 01000000 ffffffff', end),
      /property 11 at byte 8 declares 4294967295 bytes, 12 are/u,
    ],
    [bytes(header, '0b000000 01000000 00000000', end), /properties at byte 8 belong to no certificate/u],
    [bytes(header, end, '00'), /byte 8 is not its end/u],
    [bytes(header, '00000000 00000000 01000000 aa'), /byte 8 is not its end/u],
    [new Uint8Array(maxStoreBytes + 1), /16777217 bytes, more than 16777216/u],
  ];
  for (const [store, message] of cases) {
    assert.throws(() => decodeStore(store), { name: 'CertPropError', id: 'MalformedStoreElement', message });
  }
});

void test('every store reads back as it was put together', () => {
  const parts = fc.array(fc.constantFrom(ada, grace), { maxLength: 5 });
  fc.assert(
    fc.property(parts, (certificates) => {
      const store = storeOf(...certificates.map(({ der }) => encodeElement(der, new Map())));
      assert.deepEqual(
        thumbprints(decodeStore(store)),
        certificates.map(({ thumbprint }) => thumbprint),
      );
    }),
  );
});

void test('damaged stores and random bytes give MalformedStoreElement or an answer, nothing else', () => {
  const random = fc.uint8Array({ maxLength: 300 }).map((rest) => Buffer.concat([bytes(header), rest]));
  const damaged = damagedFrom(fc.constant(storeOf(adaElement, graceElement)));
  fc.assert(
    fc.property(fc.oneof(random, damaged), (data) => {
      assertOnlyThrows('MalformedStoreElement', () => decodeStore(data));
    }),
    { numRuns: 1000 },
  );
});

void test('a store file is read, through a link too', async (context) => {
  const folder = temporaryFolder(context);
  const link = join(folder, 'link.sst');
  symlinkSync(join(process.cwd(), fixture), link);
  for (const path of [fixture, link]) {
    assert.deepEqual(thumbprints(await readStoreFile(path)), [grace.thumbprint, ada.thumbprint]);
  }
});

void test('a path that is no store file is refused by its name, without waiting for it', async (context) => {
  const folder = temporaryFolder(context);
  const named = (name: string) => join(folder, name);
  mkdirSync(named('folder.sst'));
  execFileSync('mkfifo', [named('pipe.sst')]);
  writeFileSync(named('text.sst'), 'not a store');
  writeFileSync(named('large.sst'), '');
  truncateSync(named('large.sst'), maxStoreBytes + 1);
  const cases: [string, string, RegExp][] = [
    ['folder.sst', 'MalformedStoreElement', /folder\.sst: .*no regular file/u],
    ['pipe.sst', 'MalformedStoreElement', /pipe\.sst: .*no regular file/u],
    ['text.sst', 'MalformedStoreElement', /text\.sst: .*does not begin with the header/u],
    ['large.sst', 'MalformedStoreElement', /large\.sst: .*more than 16777216 bytes/u],
    ['missing.sst', 'StoreUnavailable', /missing\.sst does not exist\. Check the path/u],
  ];
  for (const [name, id, message] of cases) {
    await assert.rejects(readStoreFile(named(name)), { id, message, details: { file: named(name) } });
  }
});
