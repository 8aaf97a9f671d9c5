import assert from 'node:assert/strict';
import { test } from 'node:test';
import { propagationService } from '../../engine/diagnosis/checks/propagation-service.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { finds } from './facts-sample.js';

const service = (start: number | null, state: number | null) => ({ service: seen({ start, state }) });

test('Passed: it runs', () => {
  const { evidence } = finds(propagationService, service(3, 4), 'Passed', /not disabled/u);
  assert.equal(evidence, 'service=CertPropSvc; startType=Manual; state=Running');
});
test('Passed: its state is not known, but it is not disabled', () => {
  finds(propagationService, service(2, null), 'Passed', /not disabled/u);
});
test('Warning: it is stopped', () => {
  const { remedy } = finds(propagationService, service(3, 1), 'Warning', /Remote Desktop Services/u);
  assert.match(remedy ?? '', /Invoke-CertPropagation without any rights/u);
});
test('Failed: it is disabled', () => {
  finds(propagationService, service(4, 1), 'Failed', /Plug and Play does not work/u);
});
test('Failed: there is none', () => {
  finds(propagationService, service(null, null), 'Failed', /no service CertPropSvc/u);
});
test('Skipped: other systems have none', () => {
  finds(propagationService, {}, 'Skipped', /Only Windows/u);
});
