import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateRawSync, deflateSync, gzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  decodeCertificateFile,
  encodeCertificateFile,
} from '../../../engine/card/minidriver/certificate-file.js';
import { numberBase, parseCertificateName } from '../../../engine/card/minidriver/certificate-names.js';
import { CertPropError } from '../../../engine/errors.js';
import { ecCertificate, ecCertificateFile, rsaCertificate, rsaCertificateFile } from '../fixtures.js';

/** A file with its own header and stream, made by Node's zlib. */
const file = (length: number, stream: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(1, 0, length & 0xff, length >> 8), stream]);

const malformed = { id: 'MalformedCardData' };

describe('a certificate file (kxcNN, kscNN)', () => {
  test('as Python wrote it is read', () => {
    assert.deepEqual(decodeCertificateFile(rsaCertificateFile), rsaCertificate);
    assert.deepEqual(decodeCertificateFile(ecCertificateFile), ecCertificate);
  });

  test('is written with its length and a stream that another zlib inflates', () => {
    const written = encodeCertificateFile(rsaCertificate);
    assert.deepEqual(
      [...written.subarray(0, 4)],
      [1, 0, rsaCertificate.length & 0xff, rsaCertificate.length >> 8],
    );
    assert.deepEqual(Uint8Array.from(inflateSync(written.subarray(4))), rsaCertificate);
  });

  test('may be plain DER', () => {
    assert.deepEqual(decodeCertificateFile(rsaCertificate), rsaCertificate);
  });

  test('that is plain DER, cut off or followed by other bytes, is an error', () => {
    assert.throws(() => decodeCertificateFile(rsaCertificate.subarray(0, -1)), malformed);
    assert.throws(() => decodeCertificateFile(Buffer.concat([rsaCertificate, Uint8Array.of(0)])), malformed);
  });

  test('that inflates to more than it declares is an error', () => {
    const stream = deflateSync(rsaCertificate);
    assert.throws(() => decodeCertificateFile(file(rsaCertificate.length - 1, stream)), malformed);
    assert.throws(() => decodeCertificateFile(file(0, stream)), malformed);
  });

  test('that inflates to less than it declares is an error', () => {
    assert.throws(
      () => decodeCertificateFile(file(rsaCertificate.length + 1, deflateSync(rsaCertificate))),
      malformed,
    );
    assert.throws(() => decodeCertificateFile(file(0xffff, deflateSync(rsaCertificate))), malformed);
  });

  test('that would inflate to 256 MiB is given up at its declared length', () => {
    const bomb = file(1000, deflateSync(Buffer.alloc(256 * 1024 * 1024)));
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => decodeCertificateFile(bomb), /more than the 1000 bytes/u);
    assert.ok(process.memoryUsage().arrayBuffers - before < 16 * 1024 * 1024);
  });

  test('with a stream that is not zlib (gzip, raw deflate), is cut off or has a wrong checksum is an error', () => {
    const stream = deflateSync(rsaCertificate);
    const damaged = Buffer.from(stream);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    const streams = [
      gzipSync(rsaCertificate),
      deflateRawSync(rsaCertificate),
      stream.subarray(0, -5),
      damaged,
    ];
    for (const each of streams) {
      assert.throws(() => decodeCertificateFile(file(rsaCertificate.length, each)), malformed);
    }
  });

  test('that is empty, short or of another format is an error', () => {
    for (const bytes of [[], [1], [1, 0, 5], [2, 0, 0, 0], [1, 1, 0, 0], [0x1f, 0x8b, 8, 0]]) {
      assert.throws(() => decodeCertificateFile(Uint8Array.from(bytes)), malformed);
    }
  });

  test('takes no certificate over 65,535 bytes', () => {
    assert.throws(() => encodeCertificateFile(new Uint8Array(65536)), { id: 'MalformedCertificate' });
    const largest = new Uint8Array(65535).fill(0x30);
    assert.deepEqual(decodeCertificateFile(encodeCertificateFile(largest)), largest);
  });

  test('what was encoded is decoded again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        assert.deepEqual(decodeCertificateFile(encodeCertificateFile(bytes)), bytes);
      }),
    );
  });

  test('no bytes lead to anything but a certificate or CertPropError', () => {
    const flipped = fc.tuple(
      fc.constantFrom(rsaCertificateFile, ecCertificateFile, rsaCertificate),
      fc.nat(),
      fc.nat(7),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.uint8Array({ maxLength: 200 }).map((stream) => file(50, stream)),
          fc
            .tuple(fc.constantFrom(rsaCertificateFile, rsaCertificate), fc.nat(1200))
            .map(([b, end]) => b.subarray(0, end)),
          flipped.map(([bytes, position, bit]) => {
            const copy = Uint8Array.from(bytes);
            const index = position % copy.length;
            copy[index] = (copy[index] ?? 0) ^ (1 << bit);
            return copy;
          }),
        ),
        (bytes) => {
          try {
            assert.ok(decodeCertificateFile(bytes).length <= 0xffff);
          } catch (error) {
            assert.ok(error instanceof CertPropError, String(error));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the name of a certificate file', () => {
  test('tells the kind of key and the number, without regard to case', () => {
    assert.deepEqual(parseCertificateName('KXC0A'), {
      fileName: 'kxc0a',
      keySpec: 'KeyExchange',
      digits: '0a',
    });
    assert.deepEqual(parseCertificateName('ksc12'), {
      fileName: 'ksc12',
      keySpec: 'Signature',
      digits: '12',
    });
  });

  test('is no other file', () => {
    for (const name of ['kxc', 'kxc0', 'kxc000', 'kxc0g', 'kyc00', 'msroots', 'cmapfile', '', 'xkxc00']) {
      assert.equal(parseCertificateName(name), null);
    }
  });

  const base = (files: string, containers: number): 10 | 16 =>
    numberBase(
      files.split(' ').flatMap((name) => parseCertificateName(name) ?? []),
      (index) => index < containers,
    );

  test('is decimal on a card with up to ten containers, where it makes no difference', () => {
    assert.equal(base('kxc00 kxc09', 10), 10);
  });

  test('is hexadecimal where a letter shows it', () => {
    assert.equal(base('kxc00 kxc0a kxc10', 17), 16);
  });

  test('is decimal or hexadecimal as the containers have it', () => {
    assert.equal(base('kxc00 kxc10', 11), 10);
    assert.equal(base('kxc00 kxc10', 17), 10);
    assert.equal(
      numberBase([parseCertificateName('kxc10') ?? assert.fail()], (index) => index === 16),
      16,
    );
  });
});
