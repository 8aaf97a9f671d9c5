import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smartCardKsp } from '../../engine/certificate/key-link.js';
import { linkProvider } from '../../engine/diagnosis/checks/link-provider.js';
import { onCard } from '../propagation/sample.js';
import { finds, linkedTo, onCards, rsa, stored, storing } from './facts-sample.js';

const ec = await onCard('user-ec', {
  fileName: 'kxc01',
  container: { index: 1, name: 'second', isDefault: false },
});

const linked = (changes: Parameters<typeof linkedTo>[0]) => ({
  store: storing([stored(rsa, linkedTo(changes))]),
});

test('Passed: it is for smart cards', () => {
  finds(linkProvider, {}, 'Passed', /provider for smart cards/u);
});
test('Failed: it is for keys in software', () => {
  const provider = 'Microsoft Software Key Storage Provider';
  const { evidence } = finds(
    linkProvider,
    linked({ provider, providerType: 0 }),
    'Failed',
    /none of Windows' providers/u,
  );
  assert.match(evidence, /provider=Microsoft Software Key Storage Provider; providerType=0$/u);
});
test('Failed: its type is that of the other kind', () => {
  finds(linkProvider, linked({ providerType: 0 }), 'Failed', /as a key storage provider/u);
  finds(linkProvider, linked({ provider: smartCardKsp, providerType: 1 }), 'Failed', /as a CSP/u);
  finds(linkProvider, linked({ providerType: 24 }), 'Failed', /with type 24/u);
});
test('Failed: the Base CSP can not use the key', () => {
  const cards = onCards(ec);
  finds(linkProvider, { cards, store: storing([stored(ec)]) }, 'Failed', /RSA keys only/u);
});
test("Warning: another maker's may be the card's own", () => {
  const piv = { ...rsa, card: { ...rsa.card, family: 'PIV' } } as const;
  const store = storing([stored(piv, linkedTo({ provider: 'Vendor CSP' }))]);
  finds(linkProvider, { cards: onCards(piv), store }, 'Warning', /"Vendor CSP"/u);
});
test("Failed: a GIDS card has no other driver than Windows' own", () => {
  finds(linkProvider, linked({ provider: 'Vendor CSP' }), 'Failed', /"Vendor CSP"/u);
});
test('Skipped: there is no link', () => {
  finds(linkProvider, { store: storing([]) }, 'Skipped', /in the store/u);
});
