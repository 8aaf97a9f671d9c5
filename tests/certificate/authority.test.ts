import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { authorityOf, type Authority } from '../../engine/certificate/authority.js';
import { readCertificate } from '../../engine/certificate/x509.js';

const folder = 'tests/fixtures/certificates';
const der = (file: string): Uint8Array => readFileSync(`${folder}/${file}.der`);
const judge = async (certificate: Uint8Array) => authorityOf(await readCertificate(certificate), certificate);

const cases: readonly (readonly [what: string, file: string, expected: Authority])[] = [
  ['a root with an EC key', 'authority/root-ec', 'Root'],
  ['a root with an Ed25519 key', 'authority/root-ed25519', 'Root'],
  ['an old root, signed with SHA-1', 'authority/root-rsa-sha1', 'Root'],
  ['a very old root, signed with MD5', 'authority/root-rsa-md5', 'Root'],
  ['a root by its names that another key signed', 'authority/false-root', 'FalseRoot'],
  ["an authority below another's", 'authority/intermediate', 'Intermediate'],
  ['an X.509 v1 root, which says nothing of authority', 'authority/root-v1', 'None'],
  ["a user's certificate, self-signed", 'scope/user-code-signing', 'None'],
  ['a certificate whose basic constraints can not be read', 'scope/damaged', 'None'],
];

for (const [what, file, expected] of cases) {
  test(`${what}: ${expected}`, async () => {
    const certificate = der(file);
    assert.equal(await judge(certificate), expected);
  });
}

/** The bytes of id-ecPublicKey (RFC 5480), 1.2.840.10045.2.1. */
const ecPublicKey = Buffer.from('06072a8648ce3d0201', 'hex');

test('a root whose key algorithm OpenSSL does not know is a false one', async () => {
  const certificate = Buffer.from(der('authority/root-ec'));
  certificate[certificate.indexOf(ecPublicKey) + ecPublicKey.length - 1] = 0x7f;
  assert.equal(await judge(certificate), 'FalseRoot');
});

test('no root with a changed signature is taken for a root, and none makes it throw', async () => {
  const root = der('authority/root-ec');
  const info = await readCertificate(root);
  // The signature's last 16 bytes: part of its second number.
  const at = fc.integer({ min: root.length - 16, max: root.length - 1 });
  fc.assert(
    fc.property(at, fc.integer({ min: 1, max: 255 }), (index, mask) => {
      const changed = Uint8Array.from(root);
      changed[index] = (changed[index] ?? 0) ^ mask;
      assert.equal(authorityOf(info, changed), 'FalseRoot');
    }),
  );
});

test('bytes that are no certificate at all are no root', async () => {
  const info = await readCertificate(der('authority/root-ec'));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
      assert.equal(authorityOf(info, bytes), 'FalseRoot');
    }),
  );
});
