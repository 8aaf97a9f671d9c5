import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { rootTrust } from '../../engine/diagnosis/checks/root-trust.js';
import { notHere, seen } from '../../engine/diagnosis/facts.js';
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

test('Passed: the root is trusted, in SmartCardRoot, or on the card', () => {
  for (const store of ['Root', 'SmartCardRoot'] as const)
    finds(rootTrust, { cards, authorities: seen([{ store, certificate: root }]) }, 'Passed', /known root/u);
  const onCard = { ...rsa, file: { ...rsa.file, certificate: root, isRoot: true, key: 'None' } } as const;
  finds(rootTrust, { cards: onCards(issued, onCard) }, 'Passed', /known root/u);
});
test('Failed: nobody knows it', () => {
  const { evidence } = finds(rootTrust, { cards }, 'Failed', /not known here/u);
  assert.match(evidence, /chain=none$/u);
});
test('Failed: an authority of the same name with another key does not count', () => {
  const other = readFileSync('tests/fixtures/certificates/authority/false-root.der');
  finds(
    rootTrust,
    { cards, authorities: seen([{ store: 'Root', certificate: other }]) },
    'Failed',
    /not known here/u,
  );
});
test('Skipped: nobody says which roots are trusted', () => {
  const authorities = notHere('The folder holds none.');
  finds(rootTrust, { cards, authorities }, 'Skipped', /The folder holds none/u);
  const onCard = { ...rsa, file: { ...rsa.file, certificate: root, isRoot: true, key: 'None' } } as const;
  finds(rootTrust, { cards: onCards(issued, onCard), authorities }, 'Passed', /known root/u);
});
test('Skipped: nothing is for signing in', () => {
  finds(rootTrust, { cards: onCards() }, 'Skipped', /for signing in/u);
});
