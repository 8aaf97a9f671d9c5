import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertPropError } from '../../engine/errors.js';
import type { Pkcs11Certificate, Pkcs11Token } from '../../engine/pkcs11/pkcs11.js';
import { certificatesOf } from '../../engine/propagation/read-tokens.js';
import { sampleDer } from './sample.js';

function token(certificates: readonly Pkcs11Certificate[], changes: Partial<Pkcs11Token> = {}): Pkcs11Token {
  return {
    ...{
      slotDescription: 'Vendor Reader 0',
      label: 'Work',
      serialNumber: 'A1',
      manufacturer: 'V',
      model: 'M',
    },
    ...{ certificates, problems: [], ...changes },
  };
}

function object(changes: Partial<Pkcs11Certificate> = {}): Pkcs11Certificate {
  return { label: 'auth', id: '45', certificate: sampleDer('user-rsa'), hasKey: true, ...changes };
}

async function read(tokens: readonly Pkcs11Token[], failure: CertPropError | null = null) {
  const problems: CertPropError[] = [];
  const observer = {
    problem: (error: CertPropError) => problems.push(error),
    verbose: () => undefined,
    apdu: null,
  };
  return { ...(await certificatesOf({ tokens, failure }, observer)), problems };
}

test("a token's certificate carries its slot, serial number, label and id, and no container name", async () => {
  const { certificates, complete } = await read([token([object()])]);
  const [found] = certificates;
  assert.deepEqual(found?.card, { readerName: 'Vendor Reader 0', cardId: 'A1', family: 'PKCS11' });
  const { fileName, slot, container, key, label } = found.file;
  assert.deepEqual(
    { fileName, slot, container, key, label },
    { fileName: 'auth', slot: '45', container: null, key: 'Unnamed', label: 'auth' },
  );
  assert.equal(complete, true);
});

test('a certificate without a key beside others with one is that of a CA', async () => {
  const { certificates } = await read([token([object(), object({ id: '46', hasKey: false })])]);
  assert.deepEqual(
    certificates.map(({ file }) => file.key),
    ['Unnamed', 'None'],
  );
});

test('a token that shows no key at all may hide them until a login', async () => {
  const { certificates } = await read([token([object({ hasKey: false })])]);
  assert.deepEqual(
    certificates.map(({ file }) => file.key),
    ['Unnamed'],
  );
});

test('an object that is no certificate is told with its token; the others come', async () => {
  const rubbish = object({ label: 'rubbish', certificate: Uint8Array.of(1, 2, 3) });
  const { certificates, problems, complete } = await read([token([rubbish, object()])]);
  assert.equal(certificates.length, 1);
  assert.deepEqual(
    problems.map(({ id, details }) => [id, details.readerName, details.file]),
    [['MalformedCertificate', 'Vendor Reader 0', 'rubbish']],
  );
  assert.equal(complete, false);
});

test("a module's failure is told after what it gave", async () => {
  const failure = new CertPropError('Pkcs11ModuleFailed', 'It ended.');
  const { certificates, problems, complete } = await read([token([object()])], failure);
  assert.deepEqual([certificates.length, problems, complete], [1, [failure], false]);
});
