import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { readOutline, type CertificateOutline } from '../../engine/certificate/outline.js';
import { readCertificate } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import { ada, grace } from '../store/certificates.js';

const folder = 'tests/fixtures/certificates';
const certificates = [
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.der'))
    .map((name) => readFileSync(`${folder}/${name}`)),
  ...[ada, grace].map(({ der }) => Buffer.from(der)),
];

/** Null for what is refused. */
async function outlined(
  read: (der: Uint8Array) => Promise<CertificateOutline>,
  der: Uint8Array,
): Promise<CertificateOutline | null> {
  try {
    const { subject, issuer, serialNumber, notBefore, notAfter, upn } = await read(der);
    return { subject, issuer, serialNumber, notBefore, notAfter, upn };
  } catch (error) {
    assert.ok(error instanceof CertPropError);
    assert.equal(error.id, 'MalformedCertificate');
    return null;
  }
}

test('the outline says what the whole certificate says', async () => {
  assert.ok(certificates.length > 4);
  for (const der of certificates) {
    assert.deepEqual(await outlined(readOutline, der), await outlined(readCertificate, der));
  }
});

test('where the whole certificate can be read, the outline says the same, whichever bytes are changed', async () => {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...certificates),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (certificate, changes) => {
        const der = Uint8Array.from(certificate);
        for (const [at, byte] of changes) der[at % der.length] = byte;
        const whole = await outlined(readCertificate, der);
        if (whole !== null) assert.deepEqual(await outlined(readOutline, der), whole);
      },
    ),
    { numRuns: 500 },
  );
});

test('what is cut off or goes on is no certificate', async () => {
  for (const der of certificates) {
    for (const length of [0, 1, 4, 8, 20, der.length - 1]) {
      assert.equal(await outlined(readOutline, der.subarray(0, length)), null, `${length} bytes`);
    }
    assert.equal(await outlined(readOutline, Buffer.concat([der, Buffer.of(0)])), null);
  }
});
