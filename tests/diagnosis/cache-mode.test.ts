import { test } from 'node:test';
import { cacheMode } from '../../engine/diagnosis/checks/cache-mode.js';
import { finds } from './facts-sample.js';

test('Skipped: only the minidriver knows it', () => {
  finds(cacheMode, {}, 'Skipped', /CP_CARD_CACHE_MODE/u);
});
