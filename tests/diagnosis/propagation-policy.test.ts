import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propagationPolicy } from '../../engine/diagnosis/checks/propagation-policy.js';
import { finds, policies, unreadable } from './facts-sample.js';

test('Passed: it is not configured', () => {
  const { evidence } = finds(propagationPolicy, {}, 'Passed', /./u);
  assert.match(evidence, /^policy=CertPropEnabled; value=none; effective=/u);
});
test('Failed: it is 0', () => {
  const { remedy } = finds(
    propagationPolicy,
    { policies: policies({ CertPropEnabled: 0 }) },
    'Failed',
    /no certificate comes/u,
  );
  assert.match(remedy ?? '', /CertPropEnabled/u);
});
test('Warning: its value means nothing', () => {
  finds(propagationPolicy, { policies: policies({ CertPropEnabled: 9 }) }, 'Warning', /means nothing/u);
});
test('Failed: the policies can not be read', () => {
  finds(propagationPolicy, { policies: unreadable }, 'Failed', /StoreAccessDenied happened/u);
});
test('Skipped: there are no policies', () => {
  finds(propagationPolicy, { policies: { kind: 'NotHere', why: 'None.' } }, 'Skipped', /None/u);
});
