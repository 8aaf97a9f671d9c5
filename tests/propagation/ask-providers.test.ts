import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertPropError } from '../../engine/errors.js';
import { readThroughProviders, withLinks } from '../../engine/propagation/ask-providers.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import type { CardRequest } from '../../engine/propagation/read-cards.js';
import type {
  KeyProviders,
  ProviderCertificate,
  ProviderContainer,
  ProviderReading,
} from '../../engine/provider/provider.js';
import { inProvider } from './provider-sample.js';
import { onCard, sampleDer } from './sample.js';

const never = new AbortController().signal;
const ignored = (): void => undefined;
const rsa = await onCard('user-rsa');
const ec = await onCard('user-ec');
const hung = new CertPropError('KeyProviderTimeout', 'It was not done.');
const unknown = new CertPropError('UnknownCard', 'The card is of no kind.');

function providing(
  containers: readonly ProviderContainer[],
  more: Partial<ProviderReading> = {},
): KeyProviders {
  return {
    containersOf: () => Promise.resolve({ containers, stored: [], failures: [], answered: true, ...more }),
  };
}

function watcher() {
  const told: string[] = [];
  const problem = (error: CertPropError, severity: string) => told.push(`${severity} ${error.id}`);
  return { told, observer: { problem, verbose: () => undefined, apdu: null } };
}

function request(changes: Partial<CardRequest> = {}): CardRequest {
  return {
    reader: { readerName: 'Alpha 00', status: 'Present', atr: Uint8Array.of(0x3b, 0x00) },
    ...{ named: false, cardIds: null, thumbprints: null, mustHave: false, ...changes },
  };
}

async function read(providers: KeyProviders, card: CardRequest) {
  const { told, observer } = watcher();
  const found: CertificateOnCard[] = [];
  const unread = [{ request: card, problems: [unknown] }];
  const complete = await readThroughProviders(
    providers,
    unread,
    observer,
    { certificate: (one) => found.push(one), stored: ignored },
    never,
  );
  return { told, found, complete };
}

test('certificates get the links of their reader’s containers; what failed beside that is a warning', async () => {
  const { told, observer } = watcher();
  const providers = providing([inProvider('KSP', rsa)], { failures: [hung] });
  const [linked] = await withLinks(providers, [rsa], new Set(['Alpha 00']), observer, ignored, never);
  assert.deepEqual(
    linked?.links?.map(({ container }) => container),
    ['enumerated'],
  );
  assert.deepEqual(told, ['warning KeyProviderTimeout']);
});

test('where no provider answered, links are unknown and nothing is called stale', async () => {
  const { told, observer } = watcher();
  const providers = providing([], { failures: [hung], answered: false });
  const [linked] = await withLinks(providers, [rsa], new Set(['Alpha 00']), observer, ignored, never);
  assert.equal(linked?.links, null);
  assert.deepEqual(told, ['warning KeyProviderTimeout']);
});

test('stale copies are told of a card that was read in full only', async () => {
  for (const [whole, expected] of [
    [['Alpha 00'], ['warning KeyContainerUnknown']],
    [[], []],
  ] as const) {
    const { told, observer } = watcher();
    await withLinks(providing([]), [rsa], new Set(whole), observer, ignored, never);
    assert.deepEqual(told, expected);
  }
});

test('a card that nothing else reads has the certificates that its minidriver gives, each once', async () => {
  const providers = providing([
    inProvider('CSP', rsa, { keySpec: 2 }),
    inProvider('KSP', rsa),
    inProvider('KSP', ec, { container: 'second', cardId: null }),
    inProvider('KSP', ec, { container: 'empty', certificate: null }),
  ]);
  const { told, found, complete } = await read(providers, request());
  assert.deepEqual([told, complete], [[], true]);
  assert.deepEqual(
    found.map(({ card, file, info, links }) => [
      ...[info.thumbprint, card.cardId, card.family, file.fileName, file.keySpec],
      links?.map(({ container }) => container),
    ]),
    [
      [
        ...[rsa.info.thumbprint, 'FFEEDDCCBBAA99887766554433221100', 'Minidriver', 'enumerated', 'Signature'],
        ['enumerated', 'enumerated'],
      ],
      [ec.info.thumbprint, '3B00', 'Minidriver', 'second', 'KeyExchange', ['second', 'empty']],
    ],
  );
});

test('without a certificate of the providers, it is told that the card is unknown', async () => {
  for (const providers of [providing([]), providing([inProvider('KSP', rsa, { certificate: null })])]) {
    assert.deepEqual(await read(providers, request()), {
      ...{ told: ['warning UnknownCard'], found: [], complete: false },
    });
  }
  assert.deepEqual((await read(providing([]), request({ named: true }))).told, ['error UnknownCard']);
});

test('a provider that failed leaves it open whether all certificates are known', async () => {
  const { told, found, complete } = await read(
    providing([inProvider('KSP', rsa)], { failures: [hung] }),
    request(),
  );
  assert.deepEqual([told, found.length, complete], [['warning KeyProviderTimeout'], 1, false]);
});

test('a container whose certificate is none is told, and the others come', async () => {
  const rubbish = inProvider('CSP', ec, { certificate: Uint8Array.of(1, 2, 3), container: 'rubbish' });
  const { told, found, complete } = await read(providing([rubbish, inProvider('KSP', rsa)]), request());
  assert.deepEqual([told, found.length, complete], [['error MalformedCertificate'], 1, false]);
});

test('of a card that was pointed to, another card’s certificates don’t come, and a missing one is told', async () => {
  const providers = providing([inProvider('KSP', rsa)]);
  assert.deepEqual((await read(providers, request({ cardIds: new Set(['AA']) }))).found, []);
  const missing = request({ thumbprints: new Set([ec.info.thumbprint]), mustHave: true, named: true });
  const { told, found } = await read(providers, missing);
  assert.deepEqual([told, found], [['error CertificateNotOnCard'], []]);
});

test("a card that only the providers read has their root store's certificates as its roots", async () => {
  const root = sampleDer('user-ec');
  const stored: ProviderCertificate[] = [
    { readerName: 'Alpha 00', store: 'Root', certificate: root, properties: new Map() },
  ];
  const { found } = await read(providing([inProvider('KSP', rsa)], { stored }), request());
  assert.deepEqual(
    found.map(({ file, card }) => [file.isRoot, card.family]),
    [
      [true, 'Minidriver'],
      [false, 'Minidriver'],
    ],
  );
});
