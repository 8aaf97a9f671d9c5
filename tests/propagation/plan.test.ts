import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  baseCsp,
  decodeKeyLink,
  encodeKeyLink,
  smartCardKsp,
  type KeyLink,
} from '../../engine/certificate/key-link.js';
import { formatMark, parseMark } from '../../engine/certificate/mark.js';
import {
  decide,
  groupByThumbprint,
  type CertificateOnCard,
  type Outcome,
} from '../../engine/propagation/plan.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeText, encodeText } from '../../engine/store/serialized.js';
import type { StoreEntry } from '../../engine/store/store.js';
import { container, onCard } from './sample.js';

const policy = {
  keyProvider: 'Auto',
  keyContainer: null,
  keepsProperties: true,
  allowUnlinked: false,
  request: null,
  version: '0.1.0',
  now: Date.UTC(2026, 0, 2),
} as const;
const cspLink: KeyLink = {
  container: container.name,
  provider: baseCsp,
  providerType: 1,
  flags: 0,
  keySpec: 1,
};

function stored(
  source: CertificateOnCard,
  properties: readonly (readonly [number, Uint8Array])[],
): StoreEntry {
  return {
    thumbprint: source.info.thumbprint,
    certificate: source.file.certificate,
    properties: new Map(properties),
  };
}

function linked(source: CertificateOnCard, link: KeyLink): StoreEntry {
  return stored(source, [[propertyId.keyProvInfo, encodeKeyLink(link)]]);
}

function written(outcome: Outcome): { link: KeyLink; mark: string | null } {
  assert.ok('properties' in outcome, `nothing is written: ${outcome.action}`);
  const link = outcome.properties.get(propertyId.keyProvInfo);
  const mark = outcome.properties.get(propertyId.description);
  assert.ok(link !== undefined);
  return { link: decodeKeyLink(link), mark: mark === undefined ? null : decodeText(mark) };
}

test('a certificate that is not in the store is added with link and mark', async () => {
  const source = await onCard('user-rsa');
  const { outcome } = decide([source], null, policy);
  assert.equal(outcome.action, 'Added');
  assert.equal(outcome.reason, 'NotInStore');
  assert.deepEqual(written(outcome).link, cspLink);
  assert.deepEqual(parseMark(written(outcome).mark ?? ''), {
    version: '0.1.0',
    cardId: source.card.cardId,
    readerName: 'Alpha 00',
    at: policy.now,
  });
});

for (const [name, keyProvider, keySpec, expected] of [
  ['user-rsa', 'Auto', 'KeyExchange', { provider: baseCsp, providerType: 1, keySpec: 1 }],
  ['user-rsa', 'Auto', 'Signature', { provider: baseCsp, providerType: 1, keySpec: 2 }],
  ['user-rsa', 'CSP', 'Signature', { provider: baseCsp, providerType: 1, keySpec: 2 }],
  ['user-rsa', 'KSP', 'KeyExchange', { provider: smartCardKsp, providerType: 0, keySpec: 0 }],
  ['user-ec', 'Auto', 'KeyExchange', { provider: smartCardKsp, providerType: 0, keySpec: 0 }],
  ['user-ec', 'KSP', 'Signature', { provider: smartCardKsp, providerType: 0, keySpec: 0 }],
] as const) {
  test(`${name} with ${keyProvider} and a ${keySpec} file is linked to ${expected.provider}, key spec ${expected.keySpec}`, async () => {
    const { outcome } = decide([await onCard(name, { keySpec })], null, { ...policy, keyProvider });
    assert.deepEqual(written(outcome).link, { container: container.name, flags: 0, ...expected });
  });
}

test('an elliptic curve key is never linked to the Base CSP', async () => {
  const { outcome } = decide([await onCard('user-ec')], null, { ...policy, keyProvider: 'CSP' });
  assert.deepEqual(outcome, { action: 'Skipped', reason: 'ProviderUnsuitable' });
});

for (const [what, link] of [
  ['the same link', cspLink],
  [
    'a link with the reader before the container',
    { ...cspLink, container: `\\\\.\\Alpha 00\\${container.name}` },
  ],
  [
    'a link to the same container by the other provider',
    { ...cspLink, provider: smartCardKsp, providerType: 0, keySpec: 0 },
  ],
  ['a link with the flag that Windows sets', { ...cspLink, flags: 1 }],
  ['a container name in other case', { ...cspLink, container: container.name.toUpperCase() }],
] as const) {
  test(`a stored certificate with ${what} is Unchanged`, async () => {
    const source = await onCard('user-rsa');
    const { outcome } = decide([source], linked(source, link), policy);
    assert.equal(outcome.action, 'Unchanged');
    assert.equal(outcome.reason, 'AlreadyInStore');
  });
}

for (const [what, link] of [
  ['another container', { ...cspLink, container: 'other' }],
  ['another key spec', { ...cspLink, keySpec: 2 }],
] as const) {
  test(`a stored certificate linked to ${what} is Replaced`, async () => {
    const source = await onCard('user-rsa');
    const { outcome } = decide([source], linked(source, link), policy);
    assert.equal(outcome.action, 'Replaced');
    assert.equal(outcome.reason, 'KeyLinkStale');
    assert.deepEqual(written(outcome).link, cspLink);
  });
}

test('a provider asked for by name replaces a link to the other one', async () => {
  const source = await onCard('user-rsa');
  const { outcome } = decide([source], linked(source, cspLink), { ...policy, keyProvider: 'KSP' });
  assert.equal(outcome.reason, 'KeyLinkStale');
  assert.equal(written(outcome).link.provider, smartCardKsp);
});

test('a stored certificate without a link gets one', async () => {
  const source = await onCard('user-rsa');
  const { outcome } = decide([source], stored(source, []), policy);
  assert.equal(outcome.reason, 'KeyLinkMissing');
  assert.deepEqual(written(outcome).link, cspLink);
});

test('a link that cannot be read is renewed', async () => {
  const source = await onCard('user-rsa');
  const { outcome } = decide(
    [source],
    stored(source, [[propertyId.keyProvInfo, Uint8Array.of(1, 2, 3)]]),
    policy,
  );
  assert.equal(outcome.action, 'Replaced');
  assert.equal(outcome.reason, 'KeyLinkStale');
});

test('a link to a software provider wins', async () => {
  const source = await onCard('user-rsa');
  const software = { ...cspLink, provider: 'Microsoft Software Key Storage Provider', providerType: 0 };
  assert.deepEqual(decide([source], linked(source, software), policy).outcome, {
    action: 'Skipped',
    reason: 'SoftwareKeyLink',
  });
});

test("a person's description is left alone when the link is renewed", async () => {
  const source = await onCard('user-rsa');
  const entry = stored(source, [[propertyId.description, encodeText('my signing certificate')]]);
  assert.equal(written(decide([source], entry, policy).outcome).mark, null);
});

test("CertProp's own older mark is renewed with the link", async () => {
  const source = await onCard('user-rsa');
  const old = formatMark({ version: '0.0.9', cardId: 'FF', readerName: 'Old', at: 0 });
  const entry = stored(source, [[propertyId.description, encodeText(old)]]);
  assert.match(written(decide([source], entry, policy).outcome).mark ?? '', /reader=Alpha%2000/u);
});

const unnamed = { container: null, slot: '9A', key: 'Unnamed' } as const;

const otherKey = async () => ({ ...(await onCard('user-rsa')), key: (await onCard('user-ec')).key });
const noKey = () => onCard('user-rsa', { container: null, key: 'None' });

test('certificates without a key on the card, and those of another key, are left out with the reason', async () => {
  const outcomes = [await noKey(), await otherKey()].map((source) => decide([source], null, policy).outcome);
  assert.deepEqual(outcomes, [
    { action: 'Skipped', reason: 'NoKeyOnCard' },
    { action: 'Skipped', reason: 'KeyMismatch' },
  ]);
});

test('with AllowUnlinked they are stored without a link, and one that is stored stays as it is', async () => {
  const allowing = { ...policy, allowUnlinked: true };
  for (const source of [await noKey(), await otherKey()]) {
    const { outcome } = decide([source], null, allowing);
    assert.ok('properties' in outcome);
    assert.deepEqual([outcome.action, outcome.reason, outcome.link], ['Added', 'StoredUnlinked', null]);
    assert.equal(outcome.properties.has(propertyId.keyProvInfo), false);
    assert.equal(decide([source], linked(source, cspLink), allowing).outcome.action, 'Unchanged');
  }
});

const heritage = { link: { ...cspLink, flags: 1 }, friendlyName: encodeText('Smart card') };

test("a certificate that answers a request takes over the request's link and friendly name", async () => {
  const source = await onCard('user-rsa');
  const { outcome } = decide([source], null, { ...policy, request: heritage });
  assert.deepEqual([outcome.action, outcome.reason], ['Added', 'RequestCompleted']);
  assert.deepEqual(written(outcome).link, heritage.link);
  assert.ok('properties' in outcome);
  assert.deepEqual(outcome.properties.get(propertyId.friendlyName), heritage.friendlyName);
});

test("a request's link to another container than the card's is not taken over", async () => {
  const request = { ...heritage, link: { ...cspLink, container: 'other' } };
  const { outcome } = decide([await onCard('user-rsa')], null, { ...policy, request });
  assert.deepEqual(written(outcome).link, cspLink);
});

test("a request's link is taken over where the card names no container", async () => {
  const source = await onCard('user-rsa', unnamed);
  const { outcome } = decide([source], null, { ...policy, request: heritage });
  assert.deepEqual(written(outcome).link, heritage.link);
});

test("a stored certificate gets its request's friendly name, unless a person gave it one", async () => {
  const source = await onCard('user-rsa');
  const completing = { ...policy, request: heritage };
  const { outcome } = decide([source], linked(source, cspLink), completing);
  assert.deepEqual([outcome.action, outcome.reason], ['Replaced', 'RequestCompleted']);
  const named = stored(source, [
    [propertyId.keyProvInfo, encodeKeyLink(cspLink)],
    [propertyId.friendlyName, encodeText('mine')],
  ]);
  assert.equal(decide([source], named, completing).outcome.action, 'Unchanged');
});

test('a card that does not give its public key is taken at its word', async () => {
  const { outcome } = decide([{ ...(await onCard('user-rsa')), key: null }], null, policy);
  assert.equal(outcome.action, 'Added');
});

test('a certificate in two containers keeps the link that the store has', async () => {
  const first = await onCard('user-rsa');
  const second = await onCard('user-rsa', { container: { index: 1, name: 'second', isDefault: false } });
  const groups = groupByThumbprint([first, second]);
  assert.equal(groups.length, 1);
  const [sources] = groups;
  assert.ok(sources);
  const { outcome } = decide(sources, linked(first, { ...cspLink, container: 'second' }), policy);
  assert.equal(outcome.action, 'Unchanged');
});

test('a store that keeps no properties gets the certificate without link and mark, and the reason says so', async () => {
  const { outcome } = decide([await onCard('user-rsa')], null, { ...policy, keepsProperties: false });
  assert.equal(outcome.action, 'Added');
  assert.equal(outcome.reason, 'StoreKeepsNoLink');
  assert.equal('link' in outcome && outcome.link, null);
});

test('a certificate in a store that keeps no properties is unchanged: no key link is missing there', async () => {
  const source = await onCard('user-rsa');
  const { outcome } = decide([source], stored(source, []), { ...policy, keepsProperties: false });
  assert.deepEqual(outcome, { action: 'Unchanged', reason: 'AlreadyInStore', link: null });
});

test('a certificate whose card names no container is stored without a key link, marked, and the reason says so', async () => {
  const { outcome } = decide([await onCard('user-rsa', unnamed)], null, policy);
  assert.equal(outcome.action, 'Added');
  assert.equal(outcome.reason, 'NoContainerName');
  assert.ok('properties' in outcome);
  assert.equal(outcome.link, null);
  assert.deepEqual([...outcome.properties.keys()], [propertyId.description]);
});

test('a container named by a person is linked', async () => {
  const { outcome } = decide([await onCard('user-ec', unnamed)], null, { ...policy, keyContainer: 'mine' });
  assert.equal(outcome.reason, 'NotInStore');
  assert.deepEqual(written(outcome).link, {
    ...{ container: 'mine', provider: smartCardKsp, providerType: 0, flags: 0, keySpec: 0 },
  });
});

test("the card's own container name wins over a person's", async () => {
  const { outcome } = decide([await onCard('user-rsa')], null, { ...policy, keyContainer: 'mine' });
  assert.deepEqual(written(outcome).link, cspLink);
});

test('a stored certificate of a card that names no container keeps the link that Windows gave it', async () => {
  const source = await onCard('user-rsa', unnamed);
  for (const entry of [
    stored(source, []),
    linked(source, { ...cspLink, container: 'made anew by Windows' }),
  ]) {
    const { outcome } = decide([source], entry, policy);
    assert.equal(outcome.action, 'Unchanged');
  }
});

test('of two applications with the same certificate the one that names the container is linked', async () => {
  const piv = await onCard('user-rsa', unnamed);
  const gids = await onCard('user-rsa');
  const { source, outcome } = decide([piv, gids], null, policy);
  assert.equal(source, gids);
  assert.deepEqual(written(outcome).link, cspLink);
});

const kspLink: KeyLink = { ...cspLink, provider: smartCardKsp, providerType: 0, keySpec: 0 };

for (const [what, name, keyProvider, links, expected] of [
  ['an RSA key', 'user-rsa', 'Auto', ['KSP', 'CSP'], 'CSP a'],
  ['an RSA key', 'user-rsa', 'KSP', ['KSP', 'CSP'], 'KSP a'],
  ['an RSA key that only the KSP knows', 'user-rsa', 'Auto', ['KSP'], 'KSP a'],
  ['an elliptic curve key', 'user-ec', 'Auto', ['KSP'], 'KSP a'],
  ['an RSA key that only the KSP knows', 'user-rsa', 'CSP', ['KSP'], 'none'],
  ['an RSA key that no provider knows', 'user-rsa', 'Auto', [], 'none'],
] as const) {
  test(`${what} of a card without names, with ${keyProvider}, is linked to ${expected}`, async () => {
    const known = links.map((provider) => ({
      ...{ ...(provider === 'KSP' ? kspLink : cspLink), container: 'a', flags: 1 },
    }));
    const source = { ...(await onCard(name, unnamed)), links: known };
    const { outcome } = decide([source], null, { ...policy, keyProvider });
    assert.ok('link' in outcome);
    const { link } = outcome;
    const shown = link === null ? 'none' : `${link.providerType === 0 ? 'KSP' : 'CSP'} ${link.container}`;
    assert.equal(shown, expected);
    if (link !== null) assert.equal(written(outcome).link.flags, 1);
  });
}

test("a card's own container name is taken where the providers don't know the key or can't be asked", async () => {
  for (const links of [null, []]) {
    const { outcome } = decide([{ ...(await onCard('user-rsa')), links }], null, policy);
    assert.deepEqual(written(outcome).link, cspLink);
  }
});

test('a stored link is good while one of the containers with the key has its name, by either provider', async () => {
  const current = ['one', 'two'].map((name) => ({ ...cspLink, container: name, flags: 1 }));
  const source = { ...(await onCard('user-rsa', unnamed)), links: current };
  for (const [container, provider, action] of [
    ['TWO', cspLink, 'Unchanged'],
    ['one', kspLink, 'Unchanged'],
    ['of last time', cspLink, 'Replaced'],
  ] as const) {
    const { outcome } = decide([source], linked(source, { ...provider, container }), policy);
    assert.equal(outcome.action, action);
  }
});

test("a provider's container wins over a person's", async () => {
  const source = { ...(await onCard('user-rsa', unnamed)), links: [{ ...cspLink, container: 'enumerated' }] };
  const { outcome } = decide([source], null, { ...policy, keyContainer: 'mine' });
  assert.equal(written(outcome).link.container, 'enumerated');
});
