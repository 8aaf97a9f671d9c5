import assert from 'node:assert/strict';
import { test } from 'node:test';
import { windowsCache } from '../../engine/diagnosis/checks/windows-cache.js';
import { seen } from '../../engine/diagnosis/facts.js';
import { finds, onCards, problem, rsa } from './facts-sample.js';

const providers = seen<true>(true);

test('Passed: the providers give what the cards hold', () => {
  finds(windowsCache, { providers }, 'Passed', /providers give/u);
});
test('Failed: a copy is stale', () => {
  const stale = problem('CachedCertificateDiffers', {
    readerName: 'Alpha 00',
    cardId: 'AB',
    thumbprint: 'CD',
    file: 'c',
  });
  const { evidence, remedy } = finds(
    windowsCache,
    { providers, cards: { ...onCards(rsa), problems: [stale] } },
    'Failed',
    /happened/u,
  );
  assert.equal(
    evidence,
    'reader=Alpha 00; card=AB; thumbprint=CD; container=c; error=CachedCertificateDiffers',
  );
  assert.match(remedy ?? '', /Set-CardCacheCounter/u);
});
test('Skipped: there are no providers', () => {
  finds(windowsCache, {}, 'Skipped', /Only Windows/u);
});
