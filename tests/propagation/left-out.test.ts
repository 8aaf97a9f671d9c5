import assert from 'node:assert/strict';
import { test } from 'node:test';
import { subjectOf } from '../../engine/propagation/apply.js';
import { planLeftOut } from '../../engine/propagation/left-out.js';
import { onCard } from './sample.js';

test('what policy forbids is skipped with the policy as the reason, planned and carried out alike', async () => {
  const source = await onCard('user-rsa');
  const step = planLeftOut(subjectOf(source), 'My', {
    ...{ reason: 'PolicyDisabled', detail: 'CertPropEnabled is 0.' },
  });
  assert.deepEqual(step.preview, {
    thumbprint: source.info.thumbprint,
    subject: source.info.subject,
    serialNumber: source.info.serialNumber,
    store: 'My',
    action: 'Skipped',
    reason: 'PolicyDisabled',
    detail: 'CertPropEnabled is 0.',
    planned: true,
    provider: null,
    container: source.file.container?.name,
    readerName: 'Alpha 00',
    cardId: source.card.cardId,
    profilePath: null,
    backupPath: null,
  });
  assert.deepEqual(await step.apply(), { result: { ...step.preview, planned: false }, error: null });
});
