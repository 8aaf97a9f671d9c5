import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCertificate, thumbprintOf } from '../../engine/certificate/x509.js';
import { everything, isSelected, mayBeSelected, type Selection } from '../../engine/propagation/selection.js';
import type { Properties } from '../../engine/store/store.js';
import { sampleDer } from './sample.js';
import { both, cardLinked, marked, softwareLinked } from './stored-sample.js';

const certificate = sampleDer('user-rsa');
const thumbprint = thumbprintOf(certificate);
const info = await readCertificate(certificate);

function selects(
  selection: Partial<Selection>,
  properties: Properties = marked(),
  userName: string | null = 'jane',
): boolean {
  const entry = { thumbprint, certificate, properties };
  const whole = { ...everything, ...selection };
  return mayBeSelected(entry, whole) && isSelected({ entry, info }, { profilePath: '/p', userName }, whole);
}

test('without selectors everything that came from a card is meant, and nothing else', () => {
  assert.ok(selects({}));
  assert.ok(selects({}, cardLinked()));
  assert.ok(!selects({}, new Map()));
  assert.ok(!selects({}, both(softwareLinked(), marked())));
});

test('what is singled out is meant whatever its origin', () => {
  for (const selection of [
    { thumbprints: new Set([thumbprint]) },
    { subjects: ['*jane*'] },
    { serialNumbers: new Set(['8FA1']) },
    { onCard: new Set([thumbprint]) },
  ])
    assert.ok(selects(selection, softwareLinked()), JSON.stringify(selection));
});

test('issuers fit as wildcards', () => {
  assert.ok(selects({ issuers: ['nobody', info.issuer.toUpperCase()] }));
  assert.ok(selects({ issuers: [`${info.issuer.slice(0, 5)}*`] }));
  assert.ok(!selects({ issuers: ['CN=Other*'] }));
});

test('evidence is what shows the origin: a mark first, else the link', () => {
  assert.ok(selects({ evidence: 'Mark' }, both(cardLinked(), marked())));
  assert.ok(!selects({ evidence: 'KeyLink' }, both(cardLinked(), marked())));
  assert.ok(selects({ evidence: 'KeyLink' }, cardLinked()));
  assert.ok(!selects({ evidence: 'Mark' }, cardLinked()));
});

test('a card is known by the mark alone', () => {
  assert.ok(selects({ cardIds: ['ab'] }));
  assert.ok(selects({ cardIds: ['x', 'A*'] }));
  assert.ok(!selects({ cardIds: ['*'] }, cardLinked()));
});

test('so is the age: what has no mark is never old', () => {
  assert.ok(selects({ markedBefore: 1001 }, marked({ at: 1000 })));
  assert.ok(!selects({ markedBefore: 1000 }, marked({ at: 1000 })));
  assert.ok(!selects({ markedBefore: Number.MAX_SAFE_INTEGER }, cardLinked()));
});

test('a foreign user is one who is known not to be the owner', () => {
  assert.equal(info.upn, 'jane@corp.example');
  assert.ok(!selects({ foreignUser: true }, marked(), 'Jane'));
  assert.ok(selects({ foreignUser: true }, marked(), 'john'));
  assert.ok(!selects({ foreignUser: true }, marked(), null));
});

test('selectors narrow each other', () => {
  const old = { evidence: 'Mark', markedBefore: 1 } as const;
  assert.ok(selects({ ...old, cardIds: ['AB'] }));
  assert.ok(!selects({ ...old, cardIds: ['CD'] }));
  assert.ok(!selects({ ...old, notOnCard: new Set([thumbprint]) }));
  assert.ok(!selects({ ...old, expiredAt: info.notAfter }));
});
