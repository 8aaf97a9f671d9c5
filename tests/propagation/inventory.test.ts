import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseCsp, smartCardKsp } from '../../engine/certificate/key-link.js';
import { readCertificate, thumbprintOf } from '../../engine/certificate/x509.js';
import { storeOfNobody } from '../../engine/propagation/found-store.js';
import {
  propagatedCertificate,
  type CardsSeen,
  type PropagatedCertificate,
} from '../../engine/propagation/inventory.js';
import { decideRemoval } from '../../engine/propagation/removal.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import type { Properties } from '../../engine/store/store.js';
import { onCard, sampleDer } from './sample.js';
import { both, cardLinked, marked, softwareLinked } from './stored-sample.js';

const rsa = await onCard('user-rsa');
const container = rsa.file.container?.name ?? '';
const noCards: CardsSeen = { certificates: new Map(), complete: true };
const rsaOnCard: CardsSeen = { certificates: new Map([[rsa.info.thumbprint, [rsa]]]), complete: true };

const place = { kind: 'Folder', path: '/store' } as const;
const found = { ...storeOfNobody(profileStore('/store', 'My')), place };
const unreadableLink: Properties = new Map([[propertyId.keyProvInfo, new Uint8Array(3)]]);

async function stateOf(
  properties: Properties,
  cards: CardsSeen | null = noCards,
  now = 0,
): Promise<PropagatedCertificate> {
  const certificate = sampleDer('user-rsa');
  const entry = { thumbprint: thumbprintOf(certificate), certificate, properties };
  return propagatedCertificate({ entry, info: await readCertificate(certificate) }, found, cards, now);
}

const evidences = [
  ['nothing', new Map(), null, 'NoLink'],
  ['a mark', marked(), 'Mark', 'NoLink'],
  ['a smart card link', cardLinked(), 'KeyLink', 'Linked'],
  ['a smart card link and a mark', both(cardLinked(), marked()), 'Mark', 'Linked'],
  ['a software link', softwareLinked(), null, 'Software'],
  ['a software link and a mark', both(softwareLinked(), marked()), null, 'Software'],
  ['a link that can’t be read', unreadableLink, null, 'Unreadable'],
  ['a link that can’t be read and a mark', both(unreadableLink, marked()), null, 'Unreadable'],
] as const;
for (const [what, properties, evidence, linkState] of evidences) {
  test(`the evidence of ${what} is ${String(evidence)}, its link ${linkState}`, async () => {
    const state = await stateOf(properties);
    assert.deepEqual([state.evidence, state.linkState], [evidence, linkState]);
    const entry = { thumbprint: state.thumbprint, certificate: sampleDer('user-rsa'), properties };
    assert.equal(decideRemoval(entry, false).action === 'Removed', evidence !== null, 'removal agrees');
  });
}

test('it is on a card, on none, or nobody knows', async () => {
  const isOnCard = async (cards: CardsSeen | null): Promise<boolean | null> =>
    (await stateOf(cardLinked(), cards)).isOnCard;
  assert.equal(await isOnCard(rsaOnCard), true);
  assert.equal(await isOnCard({ ...rsaOnCard, complete: false }), true);
  assert.equal(await isOnCard(noCards), false);
  assert.equal(await isOnCard({ ...noCards, complete: false }), null);
  assert.equal(await isOnCard(null), null);
});

test('a link is stale when the inserted card has the key elsewhere, and only then', async () => {
  const linkState = async (link: Parameters<typeof cardLinked>[0], cards = rsaOnCard): Promise<string> =>
    (await stateOf(cardLinked(link), cards)).linkState;
  assert.equal(await linkState({ container }), 'Linked');
  assert.equal(await linkState({ container: `\\\\.\\Beta 01\\${container.toUpperCase()}` }), 'Linked');
  assert.equal(await linkState({ container, provider: smartCardKsp, providerType: 0, keySpec: 0 }), 'Linked');
  assert.equal(await linkState({ container: 'other' }), 'Stale');
  assert.equal(await linkState({ container: 'other' }, noCards), 'Linked');
  const unnamed = { ...rsa, file: { ...rsa.file, container: null } };
  const nameless = { ...rsaOnCard, certificates: new Map([[rsa.info.thumbprint, [unnamed]]]) };
  assert.equal(await linkState({ container: 'other' }, nameless), 'Linked');
});

test('reader and card are those of the mark; without one the link may name the reader', async () => {
  const link = cardLinked({ container: '\\\\.\\Beta 01\\key' });
  const linked = await stateOf(link);
  assert.deepEqual([linked.readerName, linked.cardId, linked.container], ['Beta 01', null, 'key']);
  assert.deepEqual([linked.provider, linked.propagatedAt], [baseCsp, null]);
  const whole = await stateOf(both(link, marked({ at: 86_400_000 })));
  assert.deepEqual([whole.readerName, whole.cardId, whole.propagatedAt], ['Alpha 00', 'AB', 86_400_000]);
  assert.equal((await stateOf(cardLinked())).readerName, null);
});

test('it has expired when its last day is over', async () => {
  const { notAfter } = rsa.info;
  assert.equal((await stateOf(marked(), noCards, notAfter)).isExpired, false);
  assert.equal((await stateOf(marked(), noCards, notAfter + 1)).isExpired, true);
});

test('it says where it lies', async () => {
  const { storeName, storePath, storeLocation, storeProvider, profilePath, profileUser } =
    await stateOf(marked());
  assert.deepEqual(
    [storeName, storePath, storeLocation, storeProvider, profilePath, profileUser],
    ['My', '/store', null, null, null, null],
  );
  const system = {
    ...found,
    place: { kind: 'System', location: 'CurrentUser' } as const,
    owner: { profilePath: '/home/jane', userName: 'jane' },
  };
  const certificate = sampleDer('user-rsa');
  const entry = { thumbprint: rsa.info.thumbprint, certificate, properties: marked() };
  const state = propagatedCertificate({ entry, info: rsa.info }, system, null, 0);
  assert.deepEqual(
    [state.storePath, state.storeLocation, state.storeProvider, state.profilePath, state.profileUser],
    [null, 'CurrentUser', 'System', '/home/jane', 'jane'],
  );
});

test('what a mark or a link says can’t disguise itself', async () => {
  const state = await stateOf(
    both(cardLinked({ container: 'a\u202eb' }), marked({ readerName: 'R\u0007', cardId: '\u2028' })),
  );
  assert.deepEqual(
    [state.container, state.readerName, state.cardId],
    ['a\\u{202e}b', 'R\\u{7}', '\\u{2028}'],
  );
});
