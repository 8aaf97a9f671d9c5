/** Cards that answer anything while they are changed: it ends in an error of ours, and what the card keeps stays consistent. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { CertPropError } from '../../engine/errors.js';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import type { CardChangeRequest, Credential } from '../../engine/propagation/card-change.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import type { CardState } from '../../engine/virtual/card-state.js';
import { gidsCard } from '../../engine/virtual/gids-card.js';
import { getFile } from '../../engine/virtual/personalization.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard } from '../../engine/virtual/piv-state.js';
import { addition, cardWithKeys, change, issued, pin, type Keyed } from './card-change-bed.js';

let owned: Keyed;
let other: Keyed;
let start: CardState;

before(async () => {
  [owned, other] = await Promise.all([issued('P-256'), issued('P-256')]);
  start = cardWithKeys(other, owned);
  await change(gidsCard(start), await addition(other.certificate), { kind: 'Pin', bytes: pin });
});

/** What the card does is real; from some answer on, one is another one. */
const lies = fc.record({
  at: fc.nat(24),
  answer: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom([0x6a, 0x84], [0x6a, 0x80], [0x69, 0x82], [0x61, 0x00], [0x6c, 0x00], [0x90, 0x00])
      .map((status) => Uint8Array.from(status)),
  ),
});

function lying(card: VirtualCard, { at, answer }: { at: number; answer: Uint8Array }): VirtualCard {
  let count = 0;
  return {
    ...card,
    async transmit(command) {
      const response = await card.transmit(command);
      return count++ === at ? answer : response;
    },
  };
}

async function isOurs(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    assert.ok(error instanceof CertPropError && error.id !== 'InternalError', String(error));
  });
}

test('a GIDS card: the counters are never behind the files', async () => {
  const credential: Credential = { kind: 'Pin', bytes: pin };
  const requests: CardChangeRequest[] = [
    await addition(owned.certificate),
    { kind: 'Remove', thumbprint: thumbprintOf(other.certificate) },
  ];
  const names = ['cmapfile', 'kxc00', 'kxc01'] as const;
  const contents = (state: CardState): string =>
    JSON.stringify(names.map((name) => [...(getFile(state, { directory: 'mscp', name }) ?? ['none'])]));
  const counters = (state: CardState): string =>
    Buffer.from(getFile(state, { directory: '', name: 'cardcf' }) ?? []).toString('hex');
  await fc.assert(
    fc.asyncProperty(lies, fc.constantFrom(...requests), async (lie, request) => {
      const state = readCardImage(writeCardImage(start));
      await isOurs(change(lying(gidsCard(state), lie), request, credential));
      if (contents(state) !== contents(start)) assert.notEqual(counters(state), counters(start));
    }),
  );
});

test('a PIV card', async () => {
  const start = newPivCard({ publicKeys: new Map([['9C', owned.publicKey]]) });
  putPivCertificate(start, '9A', other.certificate);
  const credential: Credential = { kind: 'ManagementKey', bytes: start.managementKey };
  const requests: CardChangeRequest[] = [
    await addition(owned.certificate),
    { kind: 'Remove', thumbprint: thumbprintOf(other.certificate) },
  ];
  await fc.assert(
    fc.asyncProperty(lies, fc.constantFrom(...requests), async (lie, request) => {
      const state = { ...start, objects: new Map(start.objects) };
      await isOurs(change(lying(pivCard(state), lie), request, credential));
    }),
  );
});
