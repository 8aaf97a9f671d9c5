import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pcscService } from '../../engine/diagnosis/checks/pcsc-service.js';
import { finds, problem } from './facts-sample.js';

test('Passed: it answers', () => {
  finds(pcscService, {}, 'Passed', /answers/u);
});
test('Failed: it can not be reached', () => {
  const readers = { kind: 'Unreadable', error: problem('PcscUnavailable') } as const;
  const { evidence, remedy } = finds(pcscService, { readers }, 'Failed', /PcscUnavailable happened/u);
  assert.equal(evidence, 'error=PcscUnavailable');
  assert.match(remedy ?? '', /Start-Service SCardSvr/u);
});
test('Skipped: no reader is meant', () => {
  finds(pcscService, { readers: { kind: 'NotHere', why: 'No reader.' } }, 'Skipped', /^No reader\.$/u);
});
