import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolve } from '../../engine/store/disposition.js';
import type { AddDisposition, Properties, StoreEntry } from '../../engine/store/store.js';
import { ada, grace } from './certificates.js';

const byte = (value: number) => Uint8Array.of(value);
const of = (...properties: [number, number][]): Properties =>
  new Map(properties.map(([id, value]) => [id, byte(value)]));

/** The stored entry has a key link, its hashes, a friendly name and a property of somebody else. */
const stored = of(
  [2, 1],
  [3, 1],
  [4, 1],
  [15, 1],
  [20, 1],
  [24, 1],
  [25, 1],
  [28, 1],
  [29, 1],
  [11, 1],
  [0x8010, 1],
);
const existing: StoreEntry = { thumbprint: ada.thumbprint, certificate: ada.der, properties: stored };
/** The new one brings another key link and a description. */
const brought = of([2, 9], [13, 9]);

const table: [AddDisposition, Properties | 'CertificateExists'][] = [
  ['New', 'CertificateExists'],
  ['Newer', 'CertificateExists'],
  ['NewerInheritProperties', 'CertificateExists'],
  ['UseExisting', new Map([...stored, [13, byte(9)]])],
  ['ReplaceExisting', brought],
  ['Always', brought],
  [
    'ReplaceExistingInheritProperties',
    of(
      [2, 9],
      [3, 1],
      [4, 1],
      [15, 1],
      [20, 1],
      [24, 1],
      [25, 1],
      [28, 1],
      [29, 1],
      [11, 1],
      [0x8010, 1],
      [13, 9],
    ),
  ],
];

for (const [disposition, outcome] of table) {
  void test(`${disposition} over a stored certificate`, () => {
    const add = () => resolve(existing, ada.der, brought, disposition);
    if (outcome === 'CertificateExists') {
      assert.throws(add, { id: outcome, details: { thumbprint: ada.thumbprint } });
    } else {
      assert.deepEqual([...(add()?.properties ?? [])], [...outcome]);
    }
  });

  void test(`${disposition} into a store without the certificate writes what is brought`, () => {
    assert.deepEqual(resolve(null, ada.der, brought, disposition), { properties: brought });
  });
}

void test('nothing is written when the stored entry already is what would be written', () => {
  const reordered = new Map([...stored].reverse());
  assert.equal(resolve(existing, ada.der, reordered, 'ReplaceExisting'), null);
  assert.equal(resolve(existing, ada.der, of([2, 1]), 'ReplaceExistingInheritProperties'), null);
  assert.equal(resolve(existing, ada.der, of([2, 9]), 'UseExisting'), null);
});

void test('the SHA-1 property alone is no reason to write', () => {
  const withoutHash = { ...existing, properties: of([2, 1]) };
  assert.equal(resolve(withoutHash, ada.der, of([2, 1], [3, 1]), 'ReplaceExisting'), null);
  const withHash = { ...existing, properties: of([3, 1], [2, 1]) };
  assert.equal(resolve(withHash, ada.der, of([2, 1]), 'ReplaceExisting'), null);
});

void test('a value that differs, a property more and a property less are reasons to write', () => {
  const simple = { ...existing, properties: of([2, 1], [11, 1]) };
  for (const properties of [
    of([2, 9], [11, 1]),
    of([2, 1], [11, 1], [13, 1]),
    of([2, 1]),
    of([2, 1], [13, 1]),
  ]) {
    assert.deepEqual(resolve(simple, ada.der, properties, 'ReplaceExisting'), { properties });
  }
});

void test('Always writes what is already there', () => {
  assert.deepEqual(resolve(existing, ada.der, stored, 'Always'), { properties: stored });
});

void test('another certificate with the same thumbprint inherits nothing', () => {
  for (const disposition of ['UseExisting', 'ReplaceExistingInheritProperties'] as const) {
    assert.throws(() => resolve(existing, grace.der, brought, disposition), { id: 'CertificateExists' });
  }
  assert.deepEqual(resolve(existing, grace.der, stored, 'ReplaceExisting'), { properties: stored });
});
