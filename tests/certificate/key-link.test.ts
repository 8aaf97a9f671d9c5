import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  baseCsp,
  containerOf,
  decodeKeyLink,
  encodeKeyLink,
  isSmartCardProvider,
  smartCardKsp,
  type KeyLink,
} from '../../engine/certificate/key-link.js';
import { assertOnlyThrows, damagedFrom } from '../store/hostile.js';

function bytes(...hexLines: string[]): Uint8Array {
  return Buffer.from(hexLines.join('').replaceAll(' ', ''), 'hex');
}

function malformed(problem: RegExp) {
  return { name: 'CertPropError', id: 'MalformedStoreElement', message: problem };
}

const header = (container: string, provider: string) =>
  `${container} ${provider} 01000000 00000000 00000000 00000000 02000000`;

/** Container "K", provider "CSP", type 1, flags 0, key spec 2, by hand from [MS-GPEF] 2.2.1.1.1.1.1. */
const handWritten = bytes(header('1c000000', '20000000'), '4b000000', '4300530050000000');
const link: KeyLink = { container: 'K', provider: 'CSP', providerType: 1, flags: 0, keySpec: 2 };

void test('a key link is read', () => {
  assert.deepEqual(decodeKeyLink(handWritten), link);
});

void test('a key link is written in the 32-bit form, the container first', () => {
  assert.deepEqual(Buffer.from(encodeKeyLink(link)), handWritten);
});

void test('the names are found in either order, unaligned, with other bytes between them', () => {
  const swapped = bytes(header('25000000', '1d000000'), 'ff', '4300530050000000', '4b000000');
  assert.deepEqual(decodeKeyLink(swapped), link);
});

void test('provider parameters are skipped, and any key spec and flags are read', () => {
  const full = bytes(
    '1c000000 20000000 00000000 20000000 ffffffff ffffffff ffffffff',
    '4b000000',
    '4300530050000000',
  );
  assert.deepEqual(decodeKeyLink(full), { ...link, providerType: 0, flags: 0x20, keySpec: 0xffffffff });
});

void test('a name whose offset is 0 is empty', () => {
  assert.equal(decodeKeyLink(bytes(header('00000000', '1c000000'), '43000000')).container, '');
});

void test('each way in which a key link can be wrong is named', () => {
  const cases: [Uint8Array, RegExp][] = [
    [handWritten.subarray(0, 27), /it has 27 bytes, its header alone 28/],
    [bytes(header('1b000000', '1c000000'), '43000000'), /offset of the container name, 27, is outside/],
    [bytes(header('1c000000', '20000000'), '43000000'), /offset of the provider name, 32, is outside/],
    [bytes(header('ffffffff', '1c000000'), '43000000'), /container name, 4294967295, is outside its 32/],
    [bytes(header('1c000000', '1c000000'), '4300 4400 00'), /container name is not terminated/],
  ];
  for (const [property, problem] of cases) assert.throws(() => decodeKeyLink(property), malformed(problem));
});

void test('a name may have 1,024 characters and no more', () => {
  const longest = { ...link, container: '\u00e9'.repeat(1024) };
  assert.deepEqual(decodeKeyLink(encodeKeyLink(longest)), longest);
  const longer = encodeKeyLink({ ...link, provider: 'x'.repeat(1025) });
  assert.throws(() => decodeKeyLink(longer), malformed(/provider name is not terminated, or longer/));
});

void test('a name that holds a zero character is not written', () => {
  assert.throws(
    () => encodeKeyLink({ ...link, container: 'a\0b' }),
    malformed(/container name holds a zero/),
  );
});

const names = fc.string({ unit: 'binary', maxLength: 60 }).map((name) => name.replaceAll('\0', ''));
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const links: fc.Arbitrary<KeyLink> = fc.record(
  { container: names, provider: names, providerType: uint32, flags: uint32, keySpec: uint32 },
  { noNullPrototype: true },
);

void test('every key link reads back as it was written', () => {
  fc.assert(
    fc.property(links, (any) => {
      assert.deepEqual(decodeKeyLink(encodeKeyLink(any)), any);
    }),
  );
});

void test('damaged key links and random bytes give MalformedStoreElement or an answer, nothing else', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    damagedFrom(links.map((any) => encodeKeyLink(any))),
  );
  fc.assert(
    fc.property(hostile, (data) => {
      assertOnlyThrows('MalformedStoreElement', () => decodeKeyLink(data));
    }),
    { numRuns: 1000 },
  );
});

void test("only Windows' two providers for smart cards are smart card providers, in any case", () => {
  assert.equal(isSmartCardProvider(baseCsp), true);
  assert.equal(isSmartCardProvider(smartCardKsp.toUpperCase()), true);
  for (const provider of [
    '',
    'Microsoft Software Key Storage Provider',
    'Microsoft Enhanced RSA and AES Cryptographic Provider',
    `${baseCsp} `,
  ]) {
    assert.equal(isSmartCardProvider(provider), false, provider);
  }
});

void test("the reader before the container's name is left out", () => {
  const of = (container: string) => containerOf({ ...link, container });
  assert.equal(of('le-1234'), 'le-1234');
  assert.equal(of('\\\\.\\Yubico YubiKey 0\\le-1234'), 'le-1234');
  assert.equal(of('\\\\.\\Reader\\a\\b'), 'a\\b');
  assert.equal(of('\\\\.\\no container'), '\\\\.\\no container');
});
