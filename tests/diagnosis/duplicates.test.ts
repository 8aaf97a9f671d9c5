import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duplicates } from '../../engine/diagnosis/checks/duplicates.js';
import { onCard } from '../propagation/sample.js';
import { finds, linkedTo, rsa, stored, storing, unreadable } from './facts-sample.js';

const ec = await onCard('user-ec', {
  fileName: 'kxc01',
  container: { index: 1, name: 'second', isDefault: false },
});

test('Passed: what else is there leads elsewhere', () => {
  const store = storing([stored(rsa), stored(ec, linkedTo({ container: 'elsewhere' }))]);
  finds(duplicates, { store }, 'Passed', /none leads to a key of the cards/u);
});
test("Failed: an earlier certificate leads to the card's container", () => {
  const { evidence, remedy } = finds(
    duplicates,
    { store: storing([stored(rsa), stored(ec)]) },
    'Failed',
    /no longer has/u,
  );
  assert.match(evidence, new RegExp(`thumbprint=${ec.info.thumbprint}.*current=${rsa.info.thumbprint}`, 'u'));
  assert.equal(remedy, `Remove-PropagatedCertificate -Thumbprint ${ec.info.thumbprint}`);
});
test('Skipped: there are no others, or the store can not be read', () => {
  finds(duplicates, {}, 'Skipped', /no certificates but/u);
  finds(duplicates, { store: unreadable }, 'Skipped', /could not be read/u);
});
