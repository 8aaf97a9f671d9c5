import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cardKeys } from '../../engine/diagnosis/checks/card-keys.js';
import { onCard } from '../propagation/sample.js';
import { container, findingsOf, finds, onCards, rsa } from './facts-sample.js';

const ec = await onCard('user-ec', {
  fileName: 'kxc01',
  container: { index: 1, name: 'second', isDefault: false },
});
const other = { ...ec, info: { ...ec.info, isCa: false } };

test('Passed: each certificate has the key in its container', () => {
  finds(cardKeys, {}, 'Passed', /^1 certificate/u);
});
test('Passed: a card that gives no public key is not doubted', () => {
  finds(cardKeys, { cards: onCards({ ...rsa, key: null }) }, 'Passed', /^1 certificate/u);
});
test('Failed: the container has another key (NTE_BAD_SIGNATURE)', () => {
  const { evidence, repair } = finds(
    cardKeys,
    { cards: onCards({ ...rsa, key: other.key }) },
    'Failed',
    /another key/u,
  );
  assert.match(evidence, /container=lr-.*error=0x80090006 NTE_BAD_SIGNATURE/u);
  assert.equal(repair, null);
});
test('Failed: the keys of two containers are exchanged; each certificate can be linked to the other container', () => {
  const findings = findingsOf(cardKeys, {
    cards: onCards({ ...rsa, key: other.key }, { ...other, key: rsa.key }),
  });
  assert.deepEqual(
    findings.map(({ status, repair }) => [status, repair?.thumbprint]),
    [
      ['Failed', rsa.info.thumbprint],
      ['Failed', other.info.thumbprint],
    ],
  );
  assert.match(findings[0]?.evidence ?? '', /holder=second/u);
  assert.match(findings[1]?.evidence ?? '', new RegExp(`holder=${container}`, 'u'));
});
test('Failed: the certificate in the container calls itself an authority (openssl req -x509 makes such)', () => {
  finds(cardKeys, { cards: onCards({ ...ec, key: rsa.key }) }, 'Failed', /another key/u);
});
test('Failed: the container map names no key', () => {
  const cards = onCards({ ...rsa, file: { ...rsa.file, key: 'None', container: null } });
  finds(cardKeys, { cards }, 'Failed', /has no key/u);
});
test('Skipped: there is no certificate', () => {
  finds(cardKeys, { cards: onCards() }, 'Skipped', /could be read/u);
});
