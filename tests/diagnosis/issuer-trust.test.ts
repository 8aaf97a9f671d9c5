import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { issuerTrust } from '../../engine/diagnosis/checks/issuer-trust.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { finds, onCards, rsa } from './facts-sample.js';

const root = readFileSync('tests/fixtures/certificates/authority/root-ec.der');
const der = readFileSync('tests/fixtures/certificates/authority/intermediate.der');
/** One that the root issued, with the usage smart card logon. */
const issued = {
  ...rsa,
  file: { ...rsa.file, certificate: der },
  info: { ...rsa.info, thumbprint: thumbprintOf(der) },
};
const cards = onCards(issued);

const authorities = seen([{ store: 'Root', certificate: root } as const]);

test('Passed: the issuer is in NTAuth', () => {
  finds(
    issuerTrust,
    { cards, authorities, ntAuth: seen(new Set([thumbprintOf(root)])) },
    'Passed',
    /no issuer is missing/u,
  );
});
test('Passed: an issuer that nobody knows is named by the check RootTrust', () => {
  finds(issuerTrust, { cards, ntAuth: seen(new Set(['AB'])) }, 'Passed', /./u);
});
test('Failed: it is not', () => {
  const { evidence } = finds(
    issuerTrust,
    { cards, authorities, ntAuth: seen(new Set(['AB'])) },
    'Failed',
    /not in NTAuth/u,
  );
  assert.match(evidence, new RegExp(`issuerThumbprint=${thumbprintOf(root)}$`, 'u'));
});
test('Skipped: the machine has no NTAuth', () => {
  finds(issuerTrust, { cards }, 'Skipped', /Only Windows/u);
});
