import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { encodeRoots, parseRoots } from '../../../engine/card/minidriver/msroots.js';
import { CertPropError } from '../../../engine/errors.js';
import { ecCertificate, rootCertificate, rootsFile, rsaCertificate } from '../fixtures.js';
import { fromHex } from '../scripted-card.js';

const malformed = { id: 'MalformedCardData' };

/** A certificate-like SEQUENCE whose BOOLEAN TRUE is 01 and whose length has a needless byte: valid BER, no DER. */
const oddCertificate = fromHex('30 81 07 30 05 01 01 01 05 00');

describe('msroots (PKCS #7)', () => {
  test("OpenSSL's bag gives its certificates byte for byte, in order", async () => {
    assert.deepEqual(await parseRoots(rootsFile), [rootCertificate, ecCertificate]);
  });

  test('a bag of ours is read by OpenSSL', (t) => {
    const bag = encodeRoots([rootCertificate, rsaCertificate]);
    const openssl = spawnSync('openssl', ['pkcs7', '-inform', 'DER', '-print_certs'], { input: bag });
    if (openssl.error !== undefined) {
      t.skip('openssl is missing: apt-get install openssl');
      return;
    }
    const certificates = openssl.stdout.toString().match(/-----BEGIN CERTIFICATE-----[^-]+/gu) ?? [];
    const der = certificates.map((pem) =>
      Buffer.from(pem.replace(/-----BEGIN CERTIFICATE-----/u, ''), 'base64'),
    );
    assert.deepEqual(
      der.map((bytes) => bytes.toString('base64')),
      [Buffer.from(rootCertificate).toString('base64'), Buffer.from(rsaCertificate).toString('base64')],
    );
  });

  test('an encoding that nobody would write again is kept as it is', async () => {
    assert.deepEqual(await parseRoots(encodeRoots([oddCertificate])), [oddCertificate]);
  });

  test('an empty file and an empty bag hold no roots', async () => {
    assert.deepEqual(await parseRoots(new Uint8Array()), []);
    assert.deepEqual(await parseRoots(encodeRoots([])), []);
  });

  for (const [name, bytes] of [
    ['a certificate', rootCertificate],
    ['other bytes', fromHex('01 00 05 00')],
    ['a bag that is cut off', rootsFile.subarray(0, -1)],
    ['a bag with bytes behind it', Buffer.concat([rootsFile, Uint8Array.of(0, 0)])],
    ['a bag that holds something else', encodeRoots([fromHex('04 01 00')])],
    ['a bag over 64 KiB', new Uint8Array(65537).fill(0x30)],
    ['10,000 nested sequences', Uint8Array.from({ length: 20000 }, (_, i) => (i % 2 === 0 ? 0x30 : 0x80))],
  ] as const) {
    test(`${name} is an error`, async () => {
      await assert.rejects(parseRoots(bytes), malformed);
    });
  }

  test('a bag over 64 KiB is not written', () => {
    assert.throws(() => encodeRoots(Array.from({ length: 80 }, () => rsaCertificate)), malformed);
  });

  test('what was encoded is parsed again', async () => {
    const certificate = fc.constantFrom(rootCertificate, rsaCertificate, ecCertificate, oddCertificate);
    await fc.assert(
      fc.asyncProperty(fc.array(certificate, { maxLength: 8 }), async (certificates) => {
        assert.deepEqual(await parseRoots(encodeRoots(certificates)), certificates);
      }),
    );
  });

  test('no bytes lead to anything but certificates or CertPropError', async () => {
    const changed = fc.array(fc.tuple(fc.nat(rootsFile.length - 1), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 100 }),
          fc.nat(rootsFile.length).map((end) => rootsFile.subarray(0, end)),
          changed.map((changes) => {
            const copy = Uint8Array.from(rootsFile);
            for (const [index, byte] of changes) copy[index] = byte;
            return copy;
          }),
        ),
        async (bytes) => {
          await parseRoots(bytes).catch((error: unknown) => {
            assert.ok(error instanceof CertPropError, String(error));
          });
        },
      ),
      { numRuns: 1000 },
    );
  });
});
