import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validity } from '../../engine/diagnosis/checks/validity.js';
import { day, findingsOf, finds, onCards, rsa, stored, storing } from './facts-sample.js';

const { notBefore, notAfter } = rsa.info;

test('Passed: valid for more than 30 days', () => {
  finds(validity, { now: notAfter - 31 * day }, 'Passed', /valid now/u);
});
test('Warning: it expires within 30 days', () => {
  finds(validity, { now: notAfter - 29 * day }, 'Warning', /expires on 2036-11-18/u);
});
test('Failed: it has expired', () => {
  const { evidence } = finds(validity, { now: notAfter + 1 }, 'Failed', /expired on 2036-11-18/u);
  assert.match(evidence, /notAfter=2036-11-18; now=2036-11-18$/u);
});
test('Failed: it is not valid yet', () => {
  const { remedy } = finds(validity, { now: notBefore - 1 }, 'Failed', /not valid before 2026-11-21/u);
  assert.match(remedy ?? '', /w32tm/u);
});
test('Warning: what came from a card that is gone has expired', () => {
  const findings = findingsOf(validity, {
    cards: onCards(),
    store: storing([stored(rsa)]),
    now: notAfter + 1,
  });
  assert.deepEqual(
    findings.map(({ status }) => status),
    ['Skipped', 'Warning'],
  );
  assert.match(findings[1]?.remedy ?? '', /Remove-PropagatedCertificate/u);
});
test('Skipped: there is no certificate', () => {
  finds(validity, { cards: onCards(), store: storing([]) }, 'Skipped', /could be read/u);
});
