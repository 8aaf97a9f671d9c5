import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadX509, readCertificate } from '../../engine/certificate/x509.js';

const folder = 'tests/fixtures/certificates';
const read = (file: string) => readCertificate(readFileSync(`${folder}/${file}.der`));

test('usages, names and templates are read as they are in the certificate', async () => {
  const signer = await read('scope/user-code-signing');
  assert.deepEqual(signer.keyUsages, ['digitalSignature', 'nonRepudiation']);
  assert.deepEqual(signer.extendedKeyUsages, ['1.3.6.1.5.5.7.3.3']);
  const controller = await read('scope/computer-kerberos');
  assert.deepEqual(controller.dnsNames, ['dc1.example.org', 'example.org', 'EXAMPLE']);
  assert.equal(controller.templateName, null);
  assert.match(controller.templateId ?? '', /^1\.3\.6\.1\.4\.1\.311\.21\.8\.15399414\..*\.247\.1\.33$/u);
  const user = await read('scope/user-dns-and-upn');
  assert.deepEqual(user.dnsNames, ['ada.example.org']);
  assert.equal(user.upn, 'ada@example.org');
});

test('what is not in a certificate is null or empty', async () => {
  const { keyUsages, extendedKeyUsages, dnsNames, emailAddresses, upn, templateName, templateId, isCa } =
    await read('authority/root-v1');
  const lists = { keyUsages, extendedKeyUsages, dnsNames, emailAddresses };
  assert.deepEqual(lists, {
    ...{ keyUsages: null, extendedKeyUsages: null, dnsNames: [], emailAddresses: [] },
  });
  assert.deepEqual(
    { upn, templateName, templateId, isCa },
    {
      ...{ upn: null, templateName: null, templateId: null, isCa: false },
    },
  );
});

test('e-mail addresses are those of the subject alternative name and of the subject', async () => {
  assert.deepEqual((await read('scope/user-dns-and-email')).emailAddresses, ['ada@example.org']);
  assert.deepEqual((await read('scope/user-dns-and-subject-email')).emailAddresses, ['ada@example.org']);
});

test('template names are read from every string type, letters outside ASCII too', async () => {
  assert.equal((await read('scope/computer-machine')).templateName, 'Machine');
  assert.equal((await read('scope/computer-web-server-utf8')).templateName, 'webserver');
  assert.equal((await read('scope/user-template-non-ascii')).templateName, 'Mächine 机器');
});

test('a certificate is self-issued when subject and issuer are the same bytes', async () => {
  assert.equal((await read('authority/root-ec')).isSelfIssued, true);
  assert.equal((await read('authority/intermediate')).isSelfIssued, false);
  assert.equal((await read('scope/user-empty-subject')).isSelfIssued, true);
});

test('damaged extensions count as absent, and the certificate is read', async () => {
  const damaged = await read('scope/damaged');
  const { keyUsages, extendedKeyUsages, dnsNames, emailAddresses, upn, templateName, templateId, isCa } =
    damaged;
  assert.equal(damaged.subject, 'CN=Ada Example');
  assert.deepEqual(
    [isCa, keyUsages, extendedKeyUsages, upn, templateName, templateId],
    [false, ...Array<null>(5).fill(null)],
  );
  assert.deepEqual([dnsNames, emailAddresses], [[], []]);
});

test('an extension that is there twice counts as absent', async () => {
  const { asn1js, pkijs } = await loadX509();
  const der = readFileSync(`${folder}/scope/computer-machine.der`);
  const certificate = new pkijs.Certificate({ schema: asn1js.fromBER(der).result });
  const extensions = certificate.extensions ?? [];
  certificate.extensions = [...extensions, ...extensions];
  const twice = await readCertificate(new Uint8Array(certificate.toSchema(true).toBER()));
  assert.deepEqual([twice.templateName, twice.extendedKeyUsages, twice.dnsNames], [null, null, []]);
});
