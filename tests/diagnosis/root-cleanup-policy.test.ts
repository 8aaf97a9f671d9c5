import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootCleanupPolicy } from '../../engine/diagnosis/checks/root-cleanup-policy.js';
import { finds, policies, unreadable } from './facts-sample.js';

test('Passed: it is not configured', () => {
  const { evidence } = finds(rootCleanupPolicy, {}, 'Passed', /./u);
  assert.match(evidence, /^policy=RootCertificateCleanupOption; value=none; effective=/u);
});
test('Warning: it is 0', () => {
  const { remedy } = finds(
    rootCleanupPolicy,
    { policies: policies({ RootCertificateCleanupOption: 0 }) },
    'Warning',
    /never removes/u,
  );
  assert.match(remedy ?? '', /RootCertificateCleanupOption/u);
});
test('Warning: its value means nothing', () => {
  finds(
    rootCleanupPolicy,
    { policies: policies({ RootCertificateCleanupOption: 9 }) },
    'Warning',
    /means nothing/u,
  );
});
test('Skipped: the policies can not be read, which another check says', () => {
  finds(rootCleanupPolicy, { policies: unreadable }, 'Skipped', /see PropagationPolicy/u);
});
test('Skipped: there are no policies', () => {
  finds(rootCleanupPolicy, { policies: { kind: 'NotHere', why: 'None.' } }, 'Skipped', /None/u);
});
