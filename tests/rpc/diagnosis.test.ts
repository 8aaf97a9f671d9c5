/** A diagnosis as a request: what it asks of cards and services, and what it does when they are not there. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { plainPropagation } from '../../build/engine-client.js';
import { CertPropError } from '../../engine/errors.js';
import type { SmartCardReaders } from '../../engine/pcsc/reader.js';
import { planPropagation } from '../../engine/rpc/handlers/plans.js';
import type { World } from '../../engine/rpc/world.js';
import { diagnoseBed, failedChecks, makeMaterial, worldOf, writeBed } from '../diagnosis/bed.js';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certprop-diagnosis-'));
  writeBed(folder, 'GIDS', await makeMaterial());
});
after(() => rm(folder, { recursive: true }));

/** The bed's world, and the commands that its cards got. */
function counting(): { readonly world: World; readonly commands: string[] } {
  const world = worldOf(folder);
  const commands: string[] = [];
  const readers: SmartCardReaders = {
    ...world.readers,
    use: (name, work, signal) =>
      world.readers.use(
        name,
        (card) =>
          work({
            ...card,
            transmit(command) {
              commands.push(`${name} ${Buffer.from(command).toString('hex')}`);
              return card.transmit(command);
            },
          }),
        signal,
      ),
  };
  return { world: { ...world, readers }, commands };
}

test('each card is read once: beside what propagation reads only its counters, and no PIN is presented', async () => {
  const diagnosis = counting();
  await diagnoseBed(folder, {}, diagnosis.world);
  const propagation = counting();
  const context = { signal: new AbortController().signal, stream: () => Promise.resolve() };
  const store = { storePlace: { kind: 'System', location: 'CurrentUser' }, storeName: 'My' } as const;
  await planPropagation(propagation.world, { ...plainPropagation, ...store, progressToken: 1 }, context);
  const more = diagnosis.commands.filter((command) => !propagation.commands.includes(command));
  assert.equal(diagnosis.commands.length, propagation.commands.length + 2);
  assert.equal(more.length, 2);
  const verify = diagnosis.commands.filter((command) => /^\w+ ..20/u.test(command));
  assert.deepEqual(verify, []);
});

test('without a smart card service the stores are looked at all the same', async () => {
  const gone = () => Promise.reject(new CertPropError('PcscUnavailable', 'There is no service.'));
  const world = worldOf(folder);
  const diagnosis = await diagnoseBed(folder, {}, { ...world, readers: { ...world.readers, list: gone } });
  assert.deepEqual(failedChecks(diagnosis), ['PcscService']);
  const store = diagnosis.findings.find(({ name }) => name === 'Store');
  assert.equal(store?.status, 'Passed');
});

test('a reader that is not there is an error, and the check of readers fails', async () => {
  const diagnosis = await diagnoseBed(folder, { readers: ['Nowhere'] });
  assert.deepEqual(
    diagnosis.errors.map(({ id }) => id),
    ['ReaderNotFound'],
  );
  assert.deepEqual(failedChecks(diagnosis), ['Readers']);
});

test('an .rdp file that is not there ends the request before any card is asked', async () => {
  const { world, commands } = counting();
  await assert.rejects(diagnoseBed(folder, { rdpFile: join(folder, 'no.rdp') }, world), {
    id: 'RdpFileUnavailable',
  });
  assert.deepEqual(commands, []);
});

test("mstsc's own settings are looked at where no file is given, but not in a remote session", async () => {
  const asked: string[] = [];
  const world: World = {
    ...worldOf(folder),
    defaultRdpFile: () => '/Default.rdp',
    readRdpFile: (path) => {
      asked.push(path);
      return Promise.resolve(Buffer.from(''));
    },
  };
  const statusOf = async (changed: World) => {
    const { findings } = await diagnoseBed(folder, { rdpFile: null }, changed);
    return findings.find(({ name }) => name === 'RemoteLeak')?.status;
  };
  assert.equal(await statusOf(world), 'Warning');
  assert.equal(await statusOf({ ...world, isRemoteSession: () => Promise.resolve(true) }), 'Failed');
  assert.deepEqual(asked, ['/Default.rdp']);
});

test('what the stopped smart card service keeps is named', async () => {
  const { machine, ...world } = worldOf(folder);
  assert.ok(machine);
  const stopped = {
    ...machine,
    service: () => Promise.resolve({ start: 3, state: 1 }),
    persistedCache: () => Promise.resolve({ names: ['Cache\\AB\\item'], isPart: false }),
  };
  const { findings } = await diagnoseBed(folder, {}, { ...world, machine: stopped });
  const cache = findings.find(({ name }) => name === 'PersistedCache');
  assert.equal(cache?.status, 'Warning');
  assert.match(cache.evidence, /Cache\\AB\\item/u);
});
