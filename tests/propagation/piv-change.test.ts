/**
 * Certificates put on a virtual PIV card and taken off, pulled out after every command. Such a card has no cache counters; its one
 * object is written as a whole, so that it holds the old certificate or the new one.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import {
  decodeCertificateObject,
  encodeCertificateObject,
} from '../../engine/card/piv-certificate-object.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import type { CardChangeRequest, Credential } from '../../engine/propagation/card-change.js';
import { pivCard } from '../../engine/virtual/piv-card.js';
import { putPivCertificate } from '../../engine/virtual/piv-objects.js';
import { newPivCard, type ManagementAlgorithm, type PivState } from '../../engine/virtual/piv-state.js';
import { addition, change, issued, type Keyed } from './card-change-bed.js';

const copy = (state: PivState): PivState => ({ ...state, objects: new Map(state.objects) });
const keyOf = ({ managementKey }: PivState): Credential => ({ kind: 'ManagementKey', bytes: managementKey });
const apply = (state: PivState, request: CardChangeRequest, credential: Credential | null = keyOf(state)) =>
  change(pivCard(state), request, credential);
const certificateIn = ({ objects }: PivState, tag: number): Uint8Array | null =>
  decodeCertificateObject(objects.get(tag) ?? new Uint8Array());
const contents = ({ objects }: PivState): string =>
  createHash('sha256')
    .update(JSON.stringify([...objects]))
    .digest('hex');

let first: Keyed;
let second: Keyed;

before(async () => {
  [first, second] = await Promise.all([issued(), issued('P-256')]);
});

const slot9a = 0x5fc105;
const slot9c = 0x5fc10a;

describe('a certificate is put on a PIV card', () => {
  test('into the slot that the card says to have its key', async () => {
    const publicKeys = new Map([
      ['9A', first.publicKey],
      ['9C', second.publicKey],
    ]);
    const state = newPivCard({ publicKeys });
    const { change: done, commands } = await apply(state, await addition(second.certificate));
    assert.deepEqual([done.draft.action, done.draft.place.slot], ['Added', '9C']);
    assert.deepEqual([done.draft.place.keySpec, done.draft.counters], ['Signature', null]);
    assert.deepEqual([...state.objects.keys()], [slot9c]);
    assert.deepEqual(certificateIn(state, slot9c), Uint8Array.from(second.certificate));
    assert.ok(commands.length <= 14, `${String(commands.length)} commands`);
  });

  test('into the slot that has a certificate of its key already', async () => {
    const state = newPivCard();
    putPivCertificate(state, '9A', first.certificate, 'Gzip');
    const again = await apply(state, await addition(first.certificate), null);
    assert.deepEqual([again.change.draft.action, again.change.draft.place.slot], ['Unchanged', '9A']);
    await assert.rejects(apply(state, await addition(second.certificate)), { id: 'KeyNotOnCard' });
  });

  test('into a slot that -Force names; the old one is kept first', async () => {
    const state = newPivCard();
    putPivCertificate(state, '9A', first.certificate);
    await assert.rejects(apply(state, await addition(second.certificate, { container: '9a' })), {
      id: 'KeyNotOnCard',
    });
    await assert.rejects(apply(state, await addition(second.certificate, { container: '99', force: true })), {
      id: 'ContainerNotFound',
    });
    const { kept } = await apply(state, await addition(second.certificate, { container: '9a', force: true }));
    assert.deepEqual(kept, [Uint8Array.from(first.certificate)]);
    assert.deepEqual(certificateIn(state, slot9a), Uint8Array.from(second.certificate));
  });

  test('a root does not go there, and no PIN opens it', async () => {
    const request = await addition(first.certificate, 'Root');
    await assert.rejects(apply(newPivCard(), request), { id: 'CardNotWritable' });
    const forced = await addition(first.certificate, { container: '9A', force: true });
    await assert.rejects(apply(newPivCard(), forced, { kind: 'Pin', bytes: Buffer.from('123456') }), {
      id: 'ManagementKeyRequired',
    });
  });

  const kinds: readonly (readonly [ManagementAlgorithm, number])[] = [
    ['3DES', 24],
    ['AES-128', 16],
    ['AES-192', 24],
    ['AES-256', 32],
  ];
  for (const [managementAlgorithm, length] of kinds) {
    test(`with a management key of ${managementAlgorithm}, and with no other`, async () => {
      const managementKey = Uint8Array.from({ length }, (_, index) => index * 7);
      const state = newPivCard({ managementAlgorithm, managementKey });
      const request = await addition(first.certificate, { container: '9A', force: true });
      const other: Credential = { kind: 'ManagementKey', bytes: managementKey.map((byte) => byte ^ 0xff) };
      await assert.rejects(apply(state, request, other), { id: 'WrongManagementKey' });
      const tooLong: Credential = { kind: 'ManagementKey', bytes: new Uint8Array(length === 32 ? 16 : 32) };
      await assert.rejects(apply(state, request, tooLong), { id: 'WrongManagementKey' });
      assert.equal(state.objects.size, 0);
      await apply(state, request);
      assert.deepEqual(certificateIn(state, slot9a), Uint8Array.from(first.certificate));
    });
  }

  test('a card without serial number and CHUID is known by its new certificate afterwards', async () => {
    const state = newPivCard({ serialNumber: null });
    const request = await addition(first.certificate, { container: '9A', force: true });
    const planned = await apply(state, request, null);
    const done = await apply(state, request);
    assert.notEqual(done.change.cardId, planned.change.cardId);
    assert.equal((await apply(state, request, null)).change.cardId, done.change.cardId);
  });

  test('a full card says so', async () => {
    const state = newPivCard();
    while (state.objects.size < 64) state.objects.set(state.objects.size, Uint8Array.of(1));
    const request = await addition(first.certificate, { container: '9A', force: true });
    await assert.rejects(apply(state, request), { id: 'CardFull' });
  });

  test('any certificate comes out of its object as it went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4000 }), (bytes) => {
        const certificate = Uint8Array.of(0x30, 0x82, bytes.length >> 8, bytes.length & 0xff, ...bytes);
        const object = encodeCertificateObject(certificate);
        assert.deepEqual(decodeCertificateObject(object), certificate);
        if (certificate.length <= 1856) assert.ok(Buffer.from(object).includes(Buffer.from(certificate)));
      }),
    );
  });
});

describe('a certificate is taken off a PIV card', () => {
  test('from any slot, retired ones too, and is kept first', async () => {
    const state = newPivCard();
    putPivCertificate(state, '9A', first.certificate);
    putPivCertificate(state, '95', second.certificate);
    const { kept } = await apply(state, { kind: 'Remove', thumbprint: thumbprintOf(second.certificate) });
    assert.deepEqual(kept, [Uint8Array.from(second.certificate)]);
    assert.deepEqual([...state.objects.keys()], [slot9a]);
  });
});

describe('a PIV card that is pulled out after every single command', () => {
  async function pullEverywhere(start: PivState, request: CardChangeRequest): Promise<void> {
    const before = contents(start);
    const whole = copy(start);
    const { commands } = await apply(whole, request);
    const after = contents(whole);
    assert.notEqual(after, before);
    for (let count = 1; count <= commands.length; count++) {
      const state = copy(start);
      await assert.rejects(change(pivCard(state), request, keyOf(state), count), { id: 'CardRemoved' });
      assert.ok([before, after].includes(contents(state)), `after ${String(count)}`);
      await apply(state, request).catch((error: unknown) => {
        assert.equal(contents(state), after, String(error));
      });
      assert.equal(contents(state), after);
    }
  }

  test('has the old certificate or the new one, and a second run writes the new one', async () => {
    const empty = newPivCard();
    const request = await addition(first.certificate, { container: '9A', force: true });
    await pullEverywhere(empty, request);
    const filled = newPivCard();
    putPivCertificate(filled, '9A', second.certificate);
    await pullEverywhere(filled, request);
  });

  test('has the certificate or not while it is removed', async () => {
    const state = newPivCard();
    putPivCertificate(state, '9A', first.certificate);
    await pullEverywhere(state, { kind: 'Remove', thumbprint: thumbprintOf(first.certificate) });
  });
});
