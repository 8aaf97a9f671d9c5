import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { samePublicKey } from '../../engine/certificate/public-key.js';
import { parseKeyBlob } from '../../engine/provider/key-blob.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
const modulus = Buffer.from(rsa.n ?? '', 'base64url');
const exponent = Buffer.from(rsa.e ?? '', 'base64url');
const rsaKey = { kind: 'RSA', modulus, exponent } as const;

function u32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32LE(value, 4 * index));
  return bytes;
}

const bcryptRsa = Buffer.concat([
  ...[u32(0x31415352, 1024, exponent.length, modulus.length, 0, 0), exponent, modulus],
]);
/** CALG_RSA_KEYX is 0xA400. */
const capiRsa = Buffer.concat([
  ...[Buffer.of(6, 2, 0, 0), u32(0xa400, 0x31415352, 1024, 65537), Buffer.from(modulus).reverse()],
]);

for (const [what, blob] of Object.entries({ BCRYPT_RSAPUBLIC_BLOB: bcryptRsa, PUBLICKEYBLOB: capiRsa })) {
  test(`${what} gives modulus and exponent`, () => {
    const key = parseKeyBlob(blob);
    assert.ok(key !== null && samePublicKey(key, rsaKey));
  });
}

for (const [curve, ecdsaMagic, ecdhMagic] of [
  ['P-256', 0x31534345, 0x314b4345],
  ['P-384', 0x33534345, 0x334b4345],
  ['P-521', 0x35534345, 0x354b4345],
] as const) {
  test(`BCRYPT_ECCPUBLIC_BLOB gives a point of ${curve}, for signing and for agreement`, () => {
    const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({
      format: 'jwk',
    });
    const coordinates = Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    for (const magic of [ecdsaMagic, ecdhMagic]) {
      const blob = Buffer.concat([u32(magic, coordinates.length / 2), coordinates]);
      const key = parseKeyBlob(blob);
      assert.ok(key?.kind === 'EC');
      assert.deepEqual(Buffer.from(key.point), Buffer.concat([Buffer.of(4), coordinates]));
    }
  });
}

for (const [what, blob] of Object.entries({
  'an empty one': Buffer.alloc(0),
  'a modulus that is longer than the blob': Buffer.concat([
    u32(0x31415352, 8, 3, 0xffffffff, 0, 0),
    exponent,
  ]),
  'an exponent that is longer than the blob': Buffer.concat([
    u32(0x31415352, 8, 0xffffffff, 1, 0, 0),
    exponent,
  ]),
  'a CAPI key of more bits than there are': Buffer.concat([
    ...[Buffer.of(6, 2, 0, 0), u32(0xa400, 0x31415352, 0xffffffff, 65537), modulus],
  ]),
  'a private key': Buffer.concat([Buffer.of(7, 2, 0, 0), capiRsa.subarray(4)]),
  'coordinates without bytes': u32(0x31534345, 0),
  'coordinates that are longer than the blob': u32(0x31534345, 0x7fffffff),
})) {
  test(`no key comes from ${what}`, () => {
    assert.equal(parseKeyBlob(blob), null);
  });
}

test('any bytes give a key or none, and no key is longer than the blob', () => {
  const header = fc.constantFrom(bcryptRsa, capiRsa, u32(0x31534345, 32));
  const damaged = fc
    .tuple(header, fc.uint8Array({ maxLength: 64 }), fc.nat(32))
    .map(([start, bytes, at]) => Buffer.concat([start.subarray(0, at), bytes]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 128 }), damaged), (bytes) => {
      const key = parseKeyBlob(bytes);
      if (key === null) return;
      const length = key.kind === 'RSA' ? key.modulus.length : key.point.length;
      assert.ok(length <= bytes.length);
    }),
    { numRuns: 5000 },
  );
});
