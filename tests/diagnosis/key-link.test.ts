import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyLink } from '../../engine/diagnosis/checks/key-link.js';
import { propertyId } from '../../engine/store/property-id.js';
import { marked } from '../propagation/stored-sample.js';
import { finds, onCards, rsa, stored, storing } from './facts-sample.js';

test('Passed: each has one', () => {
  finds(keyLink, {}, 'Passed', /each has a link/u);
});
test('Failed: there is none (CRYPT_E_NO_KEY_PROPERTY)', () => {
  const { evidence, repair } = finds(
    keyLink,
    { store: storing([stored(rsa, new Map())]) },
    'Failed',
    /without a link/u,
  );
  assert.match(evidence, /link=Unlinked; error=0x8009200B CRYPT_E_NO_KEY_PROPERTY/u);
  assert.equal(repair?.thumbprint, rsa.info.thumbprint);
});
test('Warning: CertProp stored it so, for the card names no container', () => {
  const unnamed = { ...rsa, file: { ...rsa.file, container: null } };
  const unlinked = (source: typeof rsa) => ({
    cards: onCards(source),
    store: storing([stored(source, marked())]),
  });
  finds(keyLink, unlinked(unnamed), 'Warning', /names no container/u);
  finds(keyLink, unlinked(rsa), 'Failed', /without a link/u);
  const unmarked = { cards: onCards(unnamed), store: storing([stored(unnamed, new Map())]) };
  finds(keyLink, unmarked, 'Failed', /without a link/u);
});
test('Failed: it can not be read', () => {
  const properties = new Map([[propertyId.keyProvInfo, new Uint8Array(3)]]);
  finds(keyLink, { store: storing([stored(rsa, properties)]) }, 'Failed', /can't be read/u);
});
test('Skipped: the store keeps no links', () => {
  finds(keyLink, { store: storing([stored(rsa)], { keepsProperties: false }) }, 'Skipped', /no store/u);
});
