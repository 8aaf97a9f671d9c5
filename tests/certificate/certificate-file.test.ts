import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { certificateIn } from '../../engine/certificate/certificate-file.js';
import { CertPropError } from '../../engine/errors.js';
import { ecCertificate, rsaCertificate } from '../card/fixtures.js';

const pem = (der: Uint8Array, label = 'CERTIFICATE'): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/gu) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\r\n')}\n-----END ${label}-----\n`;
};
const read = (file: Uint8Array): Uint8Array => certificateIn(file, 'The file');
const from = (text: string): Uint8Array => read(Buffer.from(text));

test('DER and PEM give the same certificate, whatever text is around it', () => {
  assert.deepEqual(read(rsaCertificate), rsaCertificate);
  assert.deepEqual(from(pem(rsaCertificate)), rsaCertificate);
  assert.deepEqual(from(`Subject: CN=Ada\n${pem(rsaCertificate)}\ntrailing`), rsaCertificate);
  assert.deepEqual(from(pem(rsaCertificate, 'X509 CERTIFICATE')), rsaCertificate);
});

test('two certificates are refused, as is a file with none', () => {
  const two = { id: 'MalformedCertificate', message: /2 certificates/u };
  assert.throws(() => from(pem(rsaCertificate) + pem(ecCertificate)), two);
  for (const text of ['', 'text', pem(rsaCertificate, 'CERTIFICATE REQUEST'), '-----BEGIN CERTIFICATE-----'])
    assert.throws(() => from(text), { id: 'MalformedCertificate' });
});

test('a file with a private key is refused, a PFX too', () => {
  const refused = { id: 'PrivateKeyInFile', message: /no private keys/u };
  assert.throws(() => from(pem(rsaCertificate) + pem(Uint8Array.of(1), 'PRIVATE KEY')), refused);
  assert.throws(() => from(pem(Uint8Array.of(1), 'ENCRYPTED PRIVATE KEY')), refused);
  assert.throws(() => read(Uint8Array.of(0x30, 0x06, 2, 1, 3, 0x30, 1, 0)), refused);
  assert.throws(() => read(Uint8Array.of(0x30, 0x82, 0, 6, 2, 1, 3, 0x30, 1, 0)), refused);
});

test('a PKCS #7 file is refused by its name, for which certificate is meant is not known', () => {
  const oid = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
  assert.throws(() => read(Uint8Array.of(0x30, 0x82, 0, 13, ...oid, 0xa0, 0)), {
    id: 'MalformedCertificate',
    message:
      "The file can't be used: it is a PKCS #7 file (.p7b). Give a file with one certificate, DER or PEM.",
  });
});

test('any bytes end in a certificate or in an error of ours', () => {
  const piece = fc.constantFrom(
    '-----BEGIN CERTIFICATE-----',
    '-----END CERTIFICATE-----',
    'MAA=',
    '\n',
    '-',
    'é',
  );
  const texts = fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join('')));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), texts), (bytes) => {
      try {
        read(bytes);
      } catch (error) {
        assert.ok(error instanceof CertPropError);
      }
    }),
  );
});

test('a file that is too large is refused at once', () => {
  assert.throws(() => read(new Uint8Array(128 * 1024 + 1)), { id: 'MalformedCertificate' });
});
