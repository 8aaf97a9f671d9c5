import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksTo, staleCopies } from '../../engine/propagation/key-containers.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import type { ProviderContainer } from '../../engine/provider/provider.js';
import { inProvider } from './provider-sample.js';
import { container, onCard } from './sample.js';

const rsa = await onCard('user-rsa');
const ec = await onCard('user-ec');
const piv: CertificateOnCard = {
  ...rsa,
  card: { ...rsa.card, family: 'PIV' },
  file: { ...rsa.file, container: null, key: 'Unnamed' },
};
const cached = Buffer.from('an older certificate');

function names(source: CertificateOnCard, containers: readonly ProviderContainer[]): string[] {
  return linksTo(source, containers).map(({ container }) => container);
}

const cases: readonly (readonly [
  string,
  CertificateOnCard,
  readonly ProviderContainer[],
  readonly string[],
])[] = [
  ['by the certificate itself', rsa, [inProvider('CSP', rsa, { publicKey: null })], ['enumerated']],
  [
    'by the public key, without a certificate',
    rsa,
    [inProvider('KSP', rsa, { certificate: null })],
    ['enumerated'],
  ],
  [
    'by the public key, with another certificate',
    rsa,
    [inProvider('KSP', rsa, { certificate: cached })],
    ['enumerated'],
  ],
  [
    'by the name that the card gives, in any case, where the provider gives nothing else',
    rsa,
    [inProvider('KSP', rsa, { certificate: null, publicKey: null, container: container.name.toUpperCase() })],
    [container.name.toUpperCase()],
  ],
  [
    'not by a name that belongs to the container’s other key',
    rsa,
    [inProvider('CSP', ec, { container: container.name, keySpec: 2 })],
    [],
  ],
  ['not to another key', rsa, [inProvider('CSP', ec), inProvider('KSP', ec, { certificate: null })], []],
  ['not without any containers', rsa, [], []],
  [
    'first by the certificate, then by the key',
    rsa,
    [inProvider('KSP', rsa, { container: 'key', certificate: null }), inProvider('KSP', rsa)],
    ['enumerated', 'key'],
  ],
  [
    'first to the container that the card names',
    rsa,
    [inProvider('KSP', rsa), inProvider('KSP', rsa, { container: container.name })],
    [container.name, 'enumerated'],
  ],
];

for (const [how, source, containers, expected] of cases) {
  test(`a certificate is matched to containers ${how}`, () => {
    assert.deepEqual(names(source, containers), expected);
  });
}

test('a link holds what the provider says; only those of PIV cards carry the flag that Windows sets', () => {
  const [link] = linksTo(rsa, [inProvider('CSP', rsa, { keySpec: 2 })]);
  assert.deepEqual(link, {
    container: 'enumerated',
    provider: 'Microsoft Base Smart Card Crypto Provider',
    ...{ providerType: 1, flags: 0, keySpec: 2 },
  });
  assert.equal(linksTo(piv, [inProvider('KSP', rsa)])[0]?.flags, 1);
});

function findings(sources: readonly CertificateOnCard[], containers: readonly ProviderContainer[]): string[] {
  return staleCopies(sources, containers).map(({ id }) => id);
}

test('another certificate for the same key is told once, with container and both thumbprints', () => {
  const containers = [
    inProvider('CSP', rsa, { certificate: cached }),
    inProvider('KSP', rsa, { certificate: cached }),
  ];
  const [finding, ...more] = staleCopies([rsa], containers);
  assert.equal(more.length, 0);
  assert.equal(finding?.id, 'CachedCertificateDiffers');
  assert.match(finding.message, /[0-9A-F]{40}.*"enumerated".*"Alpha 00"/u);
  assert.ok(finding.message.includes(rsa.info.thumbprint));
  assert.match(
    finding.message,
    /Set-CardCacheCounter -Increment Container, File, then insert the card again/u,
  );
});

test('another key under the name that the card gives is a stale copy too', () => {
  const containers = [inProvider('KSP', ec, { container: container.name })];
  assert.deepEqual(findings([rsa], containers), ['CachedCertificateDiffers']);
});

test('a container that no provider knows is a stale copy', () => {
  assert.deepEqual(findings([rsa], []), ['KeyContainerUnknown']);
});

test('nothing is stale where the certificates agree, without a name, without a key, and for a root', () => {
  assert.deepEqual(findings([rsa], [inProvider('CSP', rsa)]), []);
  assert.deepEqual(findings([piv], []), []);
  assert.deepEqual(findings([{ ...rsa, file: { ...rsa.file, key: 'None', container: null } }], []), []);
  assert.deepEqual(findings([{ ...rsa, file: { ...rsa.file, isRoot: true } }], []), []);
});

test('a second certificate of the card for the same key is no stale copy of the first', () => {
  const second = { ...ec, info: { ...ec.info, publicKey: rsa.info.publicKey } };
  assert.deepEqual(findings([rsa, second], [inProvider('KSP', rsa)]), []);
});
