import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archived } from '../../engine/diagnosis/checks/archived.js';
import { propertyId } from '../../engine/store/property-id.js';
import { finds, linkedTo, rsa, stored, storing } from './facts-sample.js';

test('Passed: none is', () => {
  finds(archived, {}, 'Passed', /none is archived/u);
});
test('Failed: one is', () => {
  const properties = new Map([...linkedTo(), [propertyId.archived, new Uint8Array()] as const]);
  const { remedy } = finds(
    archived,
    { store: storing([stored(rsa, properties)]) },
    'Failed',
    /but archived/u,
  );
  assert.match(remedy ?? '', /Remove-PropagatedCertificate -Thumbprint/u);
});
test('Skipped: none is in the store', () => {
  finds(archived, { store: storing([]) }, 'Skipped', /in the store/u);
});
