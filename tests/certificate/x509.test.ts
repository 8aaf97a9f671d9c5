import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { readCertificate } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';

interface Expected {
  readonly file: string;
  readonly thumbprint: string;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly upn: string;
  readonly keyAlgorithm: string;
}

const folder = 'tests/fixtures/certificates';
const expected = JSON.parse(readFileSync(`${folder}/expected.json`, 'utf8')) as readonly Expected[];

const algorithmNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.10045.2.1': 'EC',
  '1.3.101.112': 'Ed25519',
};

for (const facts of expected) {
  test(`${facts.file}: every fact is as .NET's X509Certificate2 gives it`, async () => {
    const info = await readCertificate(readFileSync(`${folder}/${facts.file}`));
    const { thumbprint, subject, issuer, serialNumber, notBefore, notAfter, upn, keyAlgorithm } = info;
    const shown = { thumbprint, subject, issuer, serialNumber, notBefore, notAfter, upn, keyAlgorithm };
    assert.deepEqual(shown, {
      thumbprint: facts.thumbprint,
      subject: facts.subject,
      issuer: facts.issuer,
      serialNumber: facts.serialNumber,
      notBefore: facts.notBefore,
      notAfter: facts.notAfter,
      upn: facts.upn === '' ? null : facts.upn,
      keyAlgorithm: algorithmNames[facts.keyAlgorithm],
    });
    assert.equal(info.publicKey?.kind ?? null, keyAlgorithm === 'Ed25519' ? null : keyAlgorithm);
  });
}

test('an RSA public key has the modulus and exponent of the certificate', async () => {
  const { publicKey } = await readCertificate(readFileSync(`${folder}/user-rsa.der`));
  assert.ok(publicKey?.kind === 'RSA');
  assert.deepEqual([...publicKey.exponent], [1, 0, 1]);
  assert.equal(Buffer.from(publicKey.modulus).toString('hex').replace(/^00/u, '').length, 512);
});

test('an EC public key is the uncompressed point', async () => {
  const { publicKey } = await readCertificate(readFileSync(`${folder}/user-ec.der`));
  assert.ok(publicKey?.kind === 'EC');
  assert.equal(publicKey.point.length, 65);
  assert.equal(publicKey.point[0], 4);
});

test('bytes after the certificate are refused', async () => {
  const der = readFileSync(`${folder}/user-ec.der`);
  await assert.rejects(readCertificate(Buffer.concat([der, Buffer.of(0)])), { id: 'MalformedCertificate' });
});

test('truncated, bit-flipped and random bytes are read or give MalformedCertificate, nothing else', async () => {
  const der = readFileSync(`${folder}/user-rsa.der`);
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.nat(der.length - 1).map((length) => Uint8Array.from(der.subarray(0, length))),
    fc.tuple(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
      const copy = Uint8Array.from(der);
      copy[at] = (copy[at] ?? 0) ^ mask;
      return copy;
    }),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      try {
        const info = await readCertificate(bytes);
        assert.match(info.thumbprint, /^[0-9A-F]{40}$/u);
      } catch (error) {
        assert.ok(error instanceof CertPropError, String(error));
        assert.equal(error.id, 'MalformedCertificate');
      }
    }),
    { numRuns: 1000 },
  );
});
