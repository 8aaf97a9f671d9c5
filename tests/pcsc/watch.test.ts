import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import { pcscPlatform } from '../../engine/pcsc/platform.js';
import { pnpReader, readerState } from '../../engine/pcsc/winscard.js';
import { type FakeManager, fakeManager } from './fake-manager.js';
import { fakeWinscard } from './fake-winscard.js';

const linux = pcscPlatform('linux', 'x64');
const noService = 0x8010001d;
const serviceStopped = 0x8010001e;

function watch(
  context: TestContext,
  manager: FakeManager,
  replaced: Parameters<typeof fakeWinscard>[0] = {},
) {
  const { winscard } = fakeWinscard({ ...manager.winscard, ...replaced });
  const readers = pcscReaders({ load: () => Promise.resolve(winscard) });
  const stop = new AbortController();
  const services: string[] = [];
  const changes = readers.changes(stop.signal, (service) => services.push(service));
  context.after(() => readers.close());
  return {
    readers,
    changes,
    stop,
    services,
    next: async (): Promise<string> => {
      const { value } = await changes.next();
      return value ? `${value.kind} ${value.readerName}` : 'end';
    },
  };
}

for (const platform of [pcscPlatform('win32', 'x64'), linux]) {
  const managerWith = (...names: string[]): FakeManager => {
    const manager = fakeManager(platform);
    for (const name of names) manager.plug(name);
    return manager;
  };
  const on = `${platform.family}: `;

  test(`${on}cards that are inserted already come first, then those that come and go`, async (context) => {
    const manager = managerWith('Reader A', 'Reader B');
    manager.happen('Reader B', 'Inserted');
    const { next } = watch(context, manager);
    assert.equal(await next(), 'Inserted Reader B');
    const following = next();
    await manager.waiting();
    manager.happen('Reader A', 'Inserted');
    assert.equal(await following, 'Inserted Reader A');
    await manager.waiting();
    manager.happen('Reader B', 'Removed');
    assert.equal(await next(), 'Removed Reader B');
  });

  test(`${on}a card that was inserted again before anybody looked comes as both`, async (context) => {
    const manager = managerWith('Reader A');
    manager.happen('Reader A', 'Inserted');
    const { next } = watch(context, manager);
    assert.equal(await next(), 'Inserted Reader A');
    for (let time = 0; time < 100; time += 1) {
      await manager.waiting();
      manager.happen('Reader A', 'Removed', 'Inserted');
      assert.deepEqual([await next(), await next()], ['Removed Reader A', 'Inserted Reader A']);
    }
  });

  test(`${on}what happens while the consumer is at work is told when it comes back`, async (context) => {
    const manager = managerWith('Reader A', 'Reader B');
    manager.happen('Reader A', 'Inserted');
    const { next } = watch(context, manager);
    assert.equal(await next(), 'Inserted Reader A');
    for (const kind of ['Removed', 'Inserted'] as const) {
      await manager.waiting();
      manager.happen('Reader A', kind);
      await setImmediate();
    }
    await manager.waiting();
    manager.happen('Reader B', 'Inserted');
    assert.deepEqual(
      [await next(), await next(), await next()],
      ['Removed Reader A', 'Inserted Reader A', 'Inserted Reader B'],
    );
  });

  test(`${on}a reader that is unplugged took its card along, one that is plugged in brings it`, async (context) => {
    const manager = managerWith('Reader A');
    manager.happen('Reader A', 'Inserted');
    const { next } = watch(context, manager);
    assert.equal(await next(), 'Inserted Reader A');
    await manager.waiting();
    manager.unplug('Reader A');
    assert.equal(await next(), 'Removed Reader A');
    await manager.waiting();
    manager.plug('Reader B');
    manager.happen('Reader B', 'Inserted');
    assert.equal(await next(), 'Inserted Reader B');
  });

  test(`${on}the signal ends the changes, and what was held is released`, async (context) => {
    const manager = managerWith('Reader A');
    manager.deafCancellations = 3;
    const { next, stop, readers } = watch(context, manager);
    const last = next();
    await manager.waiting();
    stop.abort();
    assert.equal(await last, 'end');
    await readers.close();
    assert.equal(manager.contexts.size, 0);
  });

  test(`${on}a consumer that goes away ends the wait too`, async (context) => {
    const manager = managerWith('Reader A');
    manager.happen('Reader A', 'Inserted');
    const { changes, readers } = watch(context, manager);
    for await (const { kind } of changes) {
      assert.equal(kind, 'Inserted');
      await manager.waiting();
      break;
    }
    await readers.close();
    assert.equal(manager.contexts.size, 0);
  });

  test(`${on}a system that denies the access is PcscUnavailable`, async (context) => {
    const manager = managerWith('Reader A');
    manager.fail(0x8010006a);
    await assert.rejects(watch(context, manager).next(), { id: 'PcscUnavailable' });
  });
}

test('Each wait gives back the states that the one before gave, with their counters', async (context) => {
  const manager = fakeManager();
  manager.plug('Reader A');
  const { next } = watch(context, manager);
  const following = next();
  await manager.waiting();
  manager.happen('Reader A', 'Inserted', 'Removed', 'Inserted');
  assert.equal(await following, 'Inserted Reader A');
  await manager.waiting();
  const pnp = { readerName: pnpReader, state: 0x1_0000 };
  assert.deepEqual(manager.asked, [
    [{ readerName: 'Reader A', state: readerState.unaware }, pnp],
    [{ readerName: 'Reader A', state: readerState.empty }, pnp],
    [{ readerName: 'Reader A', state: 0x3_0000 | readerState.present }, pnp],
  ]);
});

test('Readers that Windows counts without listing them do not keep it from waiting', async (context) => {
  const manager = fakeManager();
  manager.hiddenReaders = 2;
  const { next, stop } = watch(context, manager);
  const last = next();
  await manager.waiting();
  assert.deepEqual(
    manager.asked.map(([pnp]) => pnp?.state),
    [0, 0x2_0000],
  );
  stop.abort();
  assert.equal(await last, 'end');
});

test('A system whose waits return at once for nothing is not asked at once', async (context) => {
  const manager = fakeManager();
  let calls = 0;
  const getStatusChanges = () => {
    calls += 1;
    return Promise.resolve({ code: 0, states: [readerState.changed] });
  };
  const { next, stop } = watch(context, manager, { getStatusChanges });
  const last = next();
  for (let turn = 0; turn < 100; turn += 1) await setImmediate();
  assert.equal(calls, 1);
  stop.abort();
  assert.equal(await last, 'end');
});

test('On Windows a service that stops has lost its readers, and is waited for', async (context) => {
  for (const code of [noService, serviceStopped]) {
    const manager = fakeManager();
    manager.plug('Reader A');
    manager.happen('Reader A', 'Inserted');
    const { next, services } = watch(context, manager);
    assert.equal(await next(), 'Inserted Reader A');
    await manager.waiting();
    manager.fail(code);
    assert.equal(await next(), 'Removed Reader A');
    manager.fail(null);
    assert.equal(await next(), 'Inserted Reader A');
    assert.deepEqual(services, ['Lost', 'Back']);
  }
});

test('On Windows a service that is disabled is PcscUnavailable, at the start and later', async (context) => {
  const isServiceDisabled = () => Promise.resolve(true);
  const manager = fakeManager();
  manager.plug('Reader A');
  manager.happen('Reader A', 'Inserted');
  const { next } = watch(context, manager, { isServiceDisabled });
  assert.equal(await next(), 'Inserted Reader A');
  manager.fail(serviceStopped);
  await assert.rejects(next(), { id: 'PcscUnavailable', message: /SCardSvr/u });
  await assert.rejects(watch(context, manager, { isServiceDisabled }).next(), { id: 'PcscUnavailable' });
});

test('Elsewhere the cards of a lost service are kept until it is back: then they may be others', async (context) => {
  const manager = fakeManager(linux);
  for (const name of ['Reader A', 'Reader B', 'Reader C']) manager.plug(name);
  manager.happen('Reader A', 'Inserted');
  manager.happen('Reader B', 'Inserted');
  const { next, services } = watch(context, manager);
  assert.deepEqual([await next(), await next()], ['Inserted Reader A', 'Inserted Reader B']);
  await manager.waiting();
  manager.fail(0x80100013);
  const following = next();
  await setImmediate();
  manager.happen('Reader B', 'Removed');
  manager.fail(null);
  assert.deepEqual(
    [await following, await next(), await next()],
    ['Removed Reader A', 'Removed Reader B', 'Inserted Reader A'],
  );
  assert.deepEqual(services, ['Lost', 'Back']);
});

test('A reader that pcsc-lite overlooks, because it came before the wait began, is found', async (context) => {
  const manager = fakeManager(linux);
  manager.plug('Reader A');
  const { getStatusChanges } = manager.winscard;
  let calls = 0;
  const late: typeof getStatusChanges = (...call) => {
    calls += 1;
    if (calls === 2) {
      manager.plug('Reader B');
      manager.happen('Reader B', 'Inserted');
    }
    return getStatusChanges?.(...call) ?? assert.fail();
  };
  assert.equal(await watch(context, manager, { getStatusChanges: late }).next(), 'Inserted Reader B');
});

test('On macOS the readers are listed again and again, without a counter', async (context) => {
  const manager = fakeManager(pcscPlatform('darwin', 'arm64'));
  manager.plug('Reader A');
  const { next } = watch(context, manager);
  const following = next();
  await setImmediate();
  manager.plug('Reader B');
  manager.happen('Reader B', 'Inserted');
  assert.equal(await following, 'Inserted Reader B');
  manager.happen('Reader B', 'Removed', 'Inserted');
  manager.happen('Reader A', 'Inserted');
  assert.equal(await next(), 'Inserted Reader A');
  assert.ok(
    manager.asked.flat().every(({ readerName, state }) => readerName !== pnpReader && state < 0x1_0000),
  );
});

test('A library that can not be loaded is told', async () => {
  const readers = pcscReaders({ load: () => Promise.reject(new Error('missing')) });
  await assert.rejects(readers.changes(new AbortController().signal).next(), /missing/u);
});
