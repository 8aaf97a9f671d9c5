import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smartCardKsp } from '../../engine/certificate/key-link.js';
import { linkKeySpec } from '../../engine/diagnosis/checks/link-key-spec.js';
import { finds, linkedTo, rsa, stored, storing } from './facts-sample.js';

test("Passed: it is the key's", () => {
  finds(linkKeySpec, {}, 'Passed', /right key/u);
});
test('Failed: it is the other one', () => {
  const store = storing([stored(rsa, linkedTo({ keySpec: 2 }))]);
  const { evidence, repair } = finds(linkKeySpec, { store }, 'Failed', /key spec 2, but its key has 1/u);
  assert.match(evidence, /keySpec=2; wanted=1$/u);
  assert.equal(repair?.thumbprint, rsa.info.thumbprint);
});
test('Skipped: key storage providers have none', () => {
  const store = storing([stored(rsa, linkedTo({ provider: smartCardKsp, providerType: 0, keySpec: 7 }))]);
  finds(linkKeySpec, { store }, 'Skipped', /known container of a CSP/u);
});
