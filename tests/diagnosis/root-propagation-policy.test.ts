import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootPropagationPolicy } from '../../engine/diagnosis/checks/root-propagation-policy.js';
import { finds, policies, unreadable } from './facts-sample.js';

test('Passed: it is not configured', () => {
  const { evidence } = finds(rootPropagationPolicy, {}, 'Passed', /./u);
  assert.match(evidence, /^policy=EnableRootCertificatePropagation; value=none; effective=/u);
});
test('Warning: it is 0', () => {
  const { remedy } = finds(
    rootPropagationPolicy,
    { policies: policies({ EnableRootCertificatePropagation: 0 }) },
    'Warning',
    /leaves root certificates/u,
  );
  assert.match(remedy ?? '', /EnableRootCertificatePropagation/u);
});
test('Warning: its value means nothing', () => {
  finds(
    rootPropagationPolicy,
    { policies: policies({ EnableRootCertificatePropagation: 9 }) },
    'Warning',
    /means nothing/u,
  );
});
test('Skipped: the policies can not be read, which another check says', () => {
  finds(rootPropagationPolicy, { policies: unreadable }, 'Skipped', /see PropagationPolicy/u);
});
test('Skipped: there are no policies', () => {
  finds(rootPropagationPolicy, { policies: { kind: 'NotHere', why: 'None.' } }, 'Skipped', /None/u);
});
