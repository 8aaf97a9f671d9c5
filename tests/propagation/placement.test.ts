import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readCertificate } from '../../engine/certificate/x509.js';
import { placementOf, type PlacementPolicy } from '../../engine/propagation/placement.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import { onCard } from './sample.js';

const policy: PlacementPolicy = {
  ...{ scope: 'User', includeIntermediate: true, authorityObstacle: null, rootObstacle: null },
};

/** A certificate of the fixtures, among the card's own ones without a key if nothing else is said. */
async function fixture(
  path: string,
  changes: Partial<CertificateOnCard['file']> = { key: 'None', container: null },
): Promise<CertificateOnCard> {
  const certificate = readFileSync(`tests/fixtures/certificates/${path}.der`);
  const source = await onCard('user-rsa');
  const info = await readCertificate(certificate);
  return { ...source, file: { ...source.file, certificate, ...changes }, info, key: null };
}

const asRoot = { isRoot: true, key: 'None', container: null } as const;
const withKey = { key: 'Named' } as const;

for (const [what, path, changes, destination, reason] of [
  ['a root in msroots', 'authority/root-ec', asRoot, 'Root', null],
  ["a root among the card's own certificates", 'authority/root-ec', undefined, 'Root', null],
  ['an intermediate in msroots', 'authority/intermediate', asRoot, 'Intermediate', null],
  ["an intermediate among the card's own", 'authority/intermediate', undefined, 'Intermediate', null],
  ['a root with a forged signature in msroots', 'authority/false-root', asRoot, 'Root', 'NotARoot'],
  ["a user's certificate in msroots", 'scope/user-template-user', asRoot, 'Root', 'NotARoot'],
  ["an authority's certificate whose key is on the card", 'authority/root-ec', withKey, 'Personal', null],
  ["a user's certificate", 'scope/user-template-user', withKey, 'Personal', null],
  ["a computer's certificate", 'scope/computer-machine', withKey, 'Personal', 'ComputerCertificate'],
] as const) {
  test(`${what}: ${destination}${reason === null ? '' : `, left out (${reason})`}`, async () => {
    const placement = placementOf(await fixture(path, changes), policy);
    assert.deepEqual([placement.destination, placement.leftOut?.reason ?? null], [destination, reason]);
  });
}

test('intermediates are left out unless they are asked for', async () => {
  const { leftOut } = placementOf(await fixture('authority/intermediate'), {
    ...policy,
    includeIntermediate: false,
  });
  assert.deepEqual(leftOut, { reason: 'IntermediateCertificate' });
});

test('what forbids roots leaves out roots alone', async () => {
  const forbidding = { ...policy, rootObstacle: { reason: 'PolicyDisabled', detail: 'why' } } as const;
  assert.deepEqual(placementOf(await fixture('authority/root-ec'), forbidding).leftOut, {
    ...{ reason: 'PolicyDisabled', detail: 'why' },
  });
  assert.equal(placementOf(await fixture('authority/intermediate'), forbidding).leftOut, null);
});

for (const [scope, users, computers] of [
  ['User', null, 'ComputerCertificate'],
  ['Computer', 'UserCertificate', null],
  ['Any', null, null],
] as const) {
  test(`a store for ${scope} takes users' certificates: ${users ?? 'yes'}, computers': ${computers ?? 'yes'}`, async () => {
    const user = placementOf(await fixture('scope/user-template-user', withKey), { ...policy, scope });
    const computer = placementOf(await fixture('scope/computer-machine', withKey), { ...policy, scope });
    assert.deepEqual([user.leftOut?.reason ?? null, computer.leftOut?.reason ?? null], [users, computers]);
  });
}
