import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smartCardKsp } from '../../engine/certificate/key-link.js';
import { providerMix } from '../../engine/diagnosis/checks/provider-mix.js';
import { onCard } from '../propagation/sample.js';
import { finds, linkedTo, onCards, rsa, stored, storing } from './facts-sample.js';

const ec = await onCard('user-ec', {
  fileName: 'kxc01',
  container: { index: 1, name: 'second', isDefault: false },
});

const ksp = linkedTo({ provider: smartCardKsp, providerType: 0, keySpec: 0 });
/** The same key in another certificate: only what tells them apart is looked at. */
const second = { ...rsa, info: { ...rsa.info, thumbprint: 'AB'.repeat(20) } };

test('Passed: one kind for the card', () => {
  finds(
    providerMix,
    { cards: onCards(rsa, second), store: storing([stored(rsa), stored(second)]) },
    'Passed',
    /one kind/u,
  );
});
test('Failed: both kinds, although all keys are RSA', () => {
  const store = storing([stored(rsa), stored(second, ksp)]);
  const { evidence, remedy } = finds(
    providerMix,
    { cards: onCards(rsa, second), store },
    'Failed',
    /PIN again and again/u,
  );
  assert.match(evidence, new RegExp(`csp=${rsa.info.thumbprint}; ksp=${'AB'.repeat(20)}`, 'u'));
  assert.match(remedy ?? '', /-Reader 'Alpha 00' -KeyProvider KSP/u);
});
test('Warning: both kinds, since the Base CSP has no elliptic curves', () => {
  const store = storing([stored(rsa), stored(ec, ksp)]);
  finds(providerMix, { cards: onCards(rsa, ec), store }, 'Warning', /PIN again and again/u);
});
test('Skipped: nothing is linked', () => {
  finds(providerMix, { store: storing([]) }, 'Skipped', /in the store/u);
});
