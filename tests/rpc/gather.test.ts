/** Cards that CertProp reads, and one that only Windows' providers read: embedded readers and made-up providers. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { embeddedReaders } from '../../engine/pcsc/embedded.js';
import type { CertificateOnCard } from '../../engine/propagation/plan.js';
import type { KeyProviders, ProviderContainer } from '../../engine/provider/provider.js';
import type { StreamEvent } from '../../engine/rpc/contract.js';
import { EventQueue } from '../../engine/rpc/events.js';
import { gather, type Wanted } from '../../engine/rpc/gather.js';
import { loadCardFile, unknownCardFile } from '../../engine/virtual/card-file.js';
import { writeCardImage } from '../../engine/virtual/card-image.js';
import { makeSampleCard } from '../../engine/virtual/sample-card.js';
import { inProvider } from '../propagation/provider-sample.js';
import { onCard } from '../propagation/sample.js';

const rsa = await onCard('user-rsa');
const vendor = inProvider('KSP', rsa, { readerName: 'Vendor' });

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-gather-'));
  for (const [reader, card] of [
    ['Good', writeCardImage((await makeSampleCard()).state)],
    ['Vendor', unknownCardFile],
  ] as const) {
    await mkdir(join(folder, reader));
    await writeFile(join(folder, reader, 'card.json'), card);
  }
});
after(() => rm(folder, { recursive: true }));

function providing(containers: readonly ProviderContainer[]): KeyProviders & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    containersOf(readerName) {
      asked.push(readerName);
      const ofReader = containers.filter((container) => container.readerName === readerName);
      return Promise.resolve({ containers: ofReader, stored: [], failures: [], answered: true });
    },
  };
}

async function collect(keyProviders: KeyProviders | null, changes: Partial<Wanted> = {}) {
  const events: StreamEvent[] = [];
  const { signal } = new AbortController();
  const stream = (event: StreamEvent) => Promise.resolve(void events.push(event));
  const unused = () => Promise.reject(new Error('not in this test'));
  const noEntries = (): never => assert.fail('not in this test');
  const found: CertificateOnCard[] = [];
  const complete = await gather(
    {
      ...{ readers: embeddedReaders(folder, loadCardFile), keyProviders, version: '0', now: Date.now },
      ...{
        openStore: unused,
        entriesIn: noEntries,
        readPkcs11: unused,
        isElevated: unused,
        isRemoteSession: unused,
        findProfiles: noEntries,
        allProfiles: noEntries,
        openProfileStore: unused,
        hives: { isLoaded: unused, openStore: unused },
        startProfileThreads: null,
        newBackup: unused,
        readBackup: unused,
        ...{ keepCardCertificate: unused, readCertificateFile: unused, readManagementKeyFile: unused },
        currentUser: unused,
        policies: { read: unused },
        ...{ machine: null, readRdpFile: unused, defaultRdpFile: noEntries },
      },
      ...{ defaultPkcs11Module: () => Promise.resolve(null), cardCache: null },
    },
    {
      ...{ readers: null, targets: null, thumbprints: null, links: false, pkcs11Module: null, trace: 'None' },
      contents: { files: 'Certificates', keys: false, allSlots: false },
      ...changes,
    },
    new EventQueue({ stream, signal }),
    (certificate) => found.push(certificate),
    signal,
  );
  const told = events.flatMap((event) => ('error' in event ? [`${event.kind} ${event.error.id}`] : []));
  const families = [...new Set(found.map(({ card }) => `${card.readerName} ${card.family}`))].toSorted();
  return { found, families, told, complete };
}

test('off Windows a card of no known kind is a warning', async () => {
  const { families, told, complete } = await collect(null);
  assert.deepEqual([families, told, complete], [['Good GIDS'], ['warning UnknownCard'], false]);
});

test('on Windows the certificates that its minidriver gives stand for it; other cards’ providers are left alone', async () => {
  const providers = providing([vendor]);
  const { families, told, complete } = await collect(providers);
  assert.deepEqual([families, told, complete], [['Good GIDS', 'Vendor Minidriver'], [], true]);
  assert.deepEqual(providers.asked, ['Vendor']);
});

test('a card that its minidriver doesn’t know either is a warning still', async () => {
  const { families, told, complete } = await collect(providing([]));
  assert.deepEqual([families, told, complete], [['Good GIDS'], ['warning UnknownCard'], false]);
});

test('for key links the providers of every card are asked', async () => {
  const [first] = (await collect(null)).found;
  assert.ok(first);
  const providers = providing([vendor, inProvider('KSP', first, { container: 'enumerated' })]);
  const { found } = await collect(providers, { links: true });
  assert.deepEqual(providers.asked.toSorted(), ['Good', 'Vendor']);
  const names = found.flatMap(({ links }) => links ?? []).map(({ container }) => container);
  assert.deepEqual([...new Set(names)], ['enumerated']);
  const linked = found.find(({ info }) => info.thumbprint === first.info.thumbprint);
  assert.equal(linked?.links?.length, 1);
});

test('trusted roots are read from the cards alone', async () => {
  const providers = providing([vendor]);
  const { told } = await collect(providers, { contents: { files: 'Roots', keys: false, allSlots: false } });
  assert.deepEqual([providers.asked, told], [[], ['warning UnknownCard']]);
});

test('what is piped from such a card is found again; another card in its place is told', async () => {
  const target = (cardId: string) => ({ readerName: 'Vendor', cardId, thumbprint: rsa.info.thumbprint });
  const again = await collect(providing([vendor]), { targets: [target(vendor.cardId ?? '')] });
  assert.deepEqual([again.families, again.told], [['Vendor Minidriver'], []]);
  const other = await collect(providing([vendor]), { targets: [target('AA')] });
  assert.deepEqual([other.families, other.told], [[], ['error UnknownCard']]);
});
