/** Whatever is on the card is named in the plan and in the results, once, with the reason. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { applyPlan, planPropagation, propagate, type Outcome, type StoreOf } from '../support/engine-plan.js';
import { makeMixedCard, type Kind } from '../support/mixed-card.js';
import { insertVirtualCard, startVirtualEngine, type VirtualEngine } from '../support/virtual-engine.js';

let folder = '';
let engine: VirtualEngine;
let thumbprints: Readonly<Record<Kind, string>>;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-every-'));
  const card = makeMixedCard();
  thumbprints = card.thumbprints;
  await insertVirtualCard(folder, 'Reader', writeCardImage(card.state));
  engine = await startVirtualEngine(folder);
});
after(async () => {
  await engine.end();
  await rm(folder, { recursive: true });
});

function place(name: string): StoreOf {
  return { storePlace: { kind: 'Folder', path: join(folder, name) }, storeName: 'My' };
}

/** By kind; each has a sentence too. */
function named({ results, errors, warnings }: Outcome): readonly string[] {
  assert.deepEqual([errors, warnings], [[], []]);
  const kinds = new Map(Object.entries(thumbprints).map(([kind, thumbprint]) => [thumbprint, kind]));
  for (const { detail } of results) assert.match(detail, /^[A-Z].*\.$/u);
  return results
    .map(({ thumbprint, ...result }) =>
      [kinds.get(thumbprint), result.store, result.action, result.reason].join(' '),
    )
    .sort();
}

test('the plan and the results name every certificate on the card once, with the reason', async () => {
  const expected = [
    'computer My Skipped ComputerCertificate',
    'falseRoot SmartCardRoot Skipped NotARoot',
    'intermediate CA Skipped IntermediateCertificate',
    'noKey My Skipped NoKeyOnCard',
    'otherKey My Skipped KeyMismatch',
    'personal My Added NotInStore',
    'root SmartCardRoot Added NotInStore',
  ];
  const plan = await planPropagation(engine, place('some'));
  assert.deepEqual(named(plan), expected);
  assert.deepEqual(named(await applyPlan(engine, plan)), expected);
});

test('those that are left out unless they are asked for are taken when they are; a false root never is', async () => {
  const everything = { scope: 'Any', allowUnlinked: true, includeIntermediate: true } as const;
  assert.deepEqual(named(await propagate(engine, place('all'), everything)), [
    'computer My Added NotInStore',
    'falseRoot SmartCardRoot Skipped NotARoot',
    'intermediate CA Added NotInStore',
    'noKey My Added StoredUnlinked',
    'otherKey My Added StoredUnlinked',
    'personal My Added NotInStore',
    'root SmartCardRoot Added NotInStore',
  ]);
});
