import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { propertyId } from '../../engine/store/property-id.js';
import {
  decodeElement,
  decodeText,
  encodeElement,
  encodeText,
  maxElementBytes,
} from '../../engine/store/serialized.js';
import { requirePart } from '../support/require.js';
import { ada, grace } from './certificates.js';
import { assertOnlyThrows, damagedFrom } from './hostile.js';

/** Written by hand from [MS-GPEF] 2.2.1.1.1.1, with 3 bytes in the certificate's place. */
const handWritten = bytes(
  '0b000000 01000000 06000000 410064000000', // 11: friendly name "Ad"
  '10800000 01000000 02000000 beef', // 0x8010: a property of somebody else
  '03000000 01000000 14000000 aabbccddeeff00112233445566778899aabbccdd', // 3: SHA-1
  '20000000 01000000 03000000 300100', // 32: the certificate
);

function bytes(...hexLines: string[]): Uint8Array {
  return Buffer.from(hexLines.join('').replaceAll(' ', ''), 'hex');
}

function malformed(problem: RegExp) {
  return { name: 'CertPropError', id: 'MalformedStoreElement', message: problem };
}

void test('an element is read property by property, in its order', () => {
  const { certificate, properties } = decodeElement(handWritten);
  assert.deepEqual([...properties.keys()], [11, 0x8010, 3]);
  assert.equal(decodeText(properties.get(propertyId.friendlyName) ?? bytes()), 'Ad');
  assert.deepEqual(Buffer.from(properties.get(0x8010) ?? []), bytes('beef'));
  assert.deepEqual(Buffer.from(certificate), bytes('300100'));
});

void test('an element is written as the specification lays it out', () => {
  const written = encodeElement(bytes('300100'), new Map([[0x8010, bytes('beef')]]));
  const expected = bytes(
    // `openssl sha1` of the three bytes.
    '03000000 01000000 14000000 153d254254345b61e20e7b37637dd6f6fd71ba01',
    '10800000 01000000 02000000 beef',
    '20000000 01000000 03000000 300100',
  );
  assert.deepEqual(Buffer.from(written), expected);
});

void test('what is read is written again byte for byte, unknown properties too', () => {
  const element = encodeElement(
    ada.der,
    new Map([
      [0xffff, bytes('00')],
      [propertyId.sha1Hash, bytes()],
      [99, bytes('')],
    ]),
  );
  const { certificate, properties } = decodeElement(element);
  assert.deepEqual([...properties.keys()], [0xffff, 3, 99]);
  assert.deepEqual(Buffer.from(encodeElement(certificate, properties)), Buffer.from(element));
});

void test('the SHA-1 property is always there and always right', () => {
  for (const properties of [new Map(), new Map([[propertyId.sha1Hash, bytes('00')]])]) {
    const element = decodeElement(encodeElement(grace.der, properties));
    const sha1 = Buffer.from(element.properties.get(propertyId.sha1Hash) ?? []);
    assert.equal(sha1.toString('hex').toUpperCase(), grace.thumbprint);
  }
});

const noOpenssl = requirePart(
  'openssl',
  spawnSync('openssl', ['version']).status === 0,
  'apt-get install openssl',
);

void test('OpenSSL reads the certificate at the place of element 32', { skip: noOpenssl }, () => {
  const element = encodeElement(ada.der, new Map([[propertyId.description, encodeText('on a card')]]));
  // 12 + 20 for SHA-1, 12 + 20 for the description, 12 for the certificate's header.
  const input = element.subarray(76);
  const arguments_ = ['x509', '-inform', 'DER', '-noout', '-subject', '-fingerprint', '-sha1'];
  const answer = execFileSync('openssl', arguments_, { input, encoding: 'utf8' });
  assert.match(answer, /CN = Ada Example/);
  assert.equal(/Fingerprint=(.*)/i.exec(answer)?.[1]?.replaceAll(':', ''), ada.thumbprint);
});

void test('each way in which an element can be wrong is named', () => {
  const cert = '20000000 01000000 01000000 30';
  const cases: [Uint8Array, RegExp][] = [
    [bytes(), /certificate \(element 32\) is missing/],
    [bytes('0b000000 01000000 01000000 41'), /certificate \(element 32\) is missing/],
    [bytes('0b000000 0100'), /property at byte 0 is cut off/],
    [bytes('0b000000 01000000 ffffffff 41'), /property 11 at byte 0 declares 4294967295 bytes, 1 are left/],
    [bytes('0b000000 02000000 01000000 41', cert), /property 11 at byte 0 has encoding type 2, not 1/],
    [bytes('0b000000 01000000 00000000', '0b000000 01000000 00000000', cert), /property 11 is there twice/],
    [bytes(cert, '00'), /1 bytes follow the certificate/],
    [bytes(cert, cert), /13 bytes follow the certificate/],
    [bytes('20000000 01000000 00000000'), /certificate is empty/],
    [new Uint8Array(maxElementBytes + 1), /1048577 bytes, more than 1048576/],
  ];
  for (const [element, problem] of cases) {
    assert.throws(() => decodeElement(element), malformed(problem));
  }
});

void test('an element that could not be read again is not written', () => {
  assert.throws(() => encodeElement(bytes(), new Map()), malformed(/certificate is empty/));
  const twoCertificates = new Map([[propertyId.certificate, ada.der]]);
  assert.throws(() => encodeElement(ada.der, twoCertificates), malformed(/among the properties/));
  const large = new Map([[propertyId.description, new Uint8Array(maxElementBytes)]]);
  assert.throws(() => encodeElement(ada.der, large), malformed(/more than 1048576/));
});

const elements = fc.record({
  certificate: fc.uint8Array({ minLength: 1, maxLength: 200 }),
  properties: fc
    .uniqueArray(
      fc.tuple(
        fc.integer({ min: 1, max: 0xffffffff }).filter((id) => id !== propertyId.certificate),
        fc.uint8Array({ maxLength: 60 }),
      ),
      { selector: ([id]) => id, maxLength: 8 },
    )
    .map((entries) => new Map(entries)),
});

void test('every element reads back as it was written', () => {
  fc.assert(
    fc.property(elements, ({ certificate, properties }) => {
      const decoded = decodeElement(encodeElement(certificate, properties));
      assert.deepEqual(decoded.certificate, certificate);
      const others = (all: ReadonlyMap<number, Uint8Array>) => [...all].filter(([id]) => id !== 3);
      assert.deepEqual(others(decoded.properties), others(properties));
    }),
  );
});

void test('damaged elements and random bytes give MalformedStoreElement or an answer, nothing else', () => {
  const valid = elements.map(({ certificate, properties }) => encodeElement(certificate, properties));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), damagedFrom(valid)), (data) => {
      assertOnlyThrows('MalformedStoreElement', () => decodeElement(data));
    }),
    { numRuns: 1000 },
  );
});

void test('text properties are read up to the terminator, whatever their bytes', () => {
  assert.equal(decodeText(encodeText('Zoë 🂡')), 'Zoë 🂡');
  assert.equal(decodeText(bytes('4100 0000 4200')), 'A');
  assert.equal(decodeText(bytes('4100 42')), 'A');
  assert.equal(decodeText(bytes()), '');
});
