import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import { pcscPlatform } from '../../engine/pcsc/platform.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { type Winscard, readerState } from '../../engine/pcsc/winscard.js';
import { type FakeWinscard, fakeWinscard, inOrder, pending } from './fake-winscard.js';

const windows = pcscPlatform('win32', 'x64');
const never = new AbortController().signal;
const command = Uint8Array.of(0, 0xca, 1, 2);
const ok = { code: 0, length: 2 };
const wasReset = { code: 0x80100068, length: 0 };
const send = (card: SmartCardConnection): Promise<Uint8Array> => card.transmit(command);
const askForReset = (card: SmartCardConnection): Promise<void> => {
  card.resetAtEnd();
  return Promise.resolve();
};

function readersOf({ winscard }: FakeWinscard, busyMilliseconds = 10_000) {
  return pcscReaders({ load: () => Promise.resolve(winscard), busyMilliseconds });
}

test('On Windows a service that is not there, or that stops, means that there are no readers', async () => {
  for (const code of [0x8010001d, 0x8010001e]) {
    const readers = readersOf(
      fakeWinscard({ platform: windows, establishContext: inOrder({ code, context: 0 }) }),
    );
    assert.deepEqual(await readers.list(), []);
    await assert.rejects(readers.use('Reader A', send, never), { id: 'ReaderNotFound' });
  }
});

test('On Windows a service that is disabled is PcscUnavailable', async () => {
  for (const code of [0x8010001d, 0x8010001e]) {
    const establishContext = inOrder({ code, context: 0 });
    const isServiceDisabled = inOrder(true);
    const readers = readersOf(fakeWinscard({ platform: windows, establishContext, isServiceDisabled }));
    const expected = { id: 'PcscUnavailable', message: /SCardSvr/u };
    await assert.rejects(readers.list(), expected);
    await assert.rejects(readers.use('Reader A', send, never), expected);
  }
});

test('Elsewhere a service that is not there is PcscUnavailable', async () => {
  const readers = readersOf(fakeWinscard({ establishContext: inOrder({ code: 0x8010001d, context: 0 }) }));
  await assert.rejects(readers.list(), { id: 'PcscUnavailable' });
  await assert.rejects(readers.use('Reader A', send, never), { id: 'PcscUnavailable' });
});

test('A library that could not be loaded is looked for again by the next call', async () => {
  const load = [() => Promise.reject(new Error('missing')), () => Promise.resolve(fakeWinscard().winscard)];
  const readers = pcscReaders({ load: async () => (await load.shift()?.()) ?? assert.fail() });
  await assert.rejects(readers.list(), /missing/u);
  assert.equal((await readers.list()).length, 1);
});

test("A reader's state becomes its status, the worst first", async () => {
  const { present, empty, mute, exclusive, unavailable } = readerState;
  const expected = [
    [empty, 'Empty'],
    [present, 'Present'],
    [present | 0x100, 'Present'],
    [present | mute, 'Mute'],
    [present | exclusive, 'InUse'],
    [unavailable, 'Unavailable'],
    [present | (7 << 16), 'Present'],
  ] as const;
  for (const [state, status] of expected) {
    const fake = fakeWinscard({ getStatusChange: inOrder({ code: 0, state, atr: new Uint8Array() }) });
    assert.deepEqual(await readersOf(fake).list(), [{ readerName: 'Reader A', status, atr: null }]);
  }
});

test('A reader unplugged while the readers are listed is left out', async () => {
  const fake = fakeWinscard({
    listReaders: inOrder({ code: 0, names: ['Reader A', 'Reader B'] }),
    getStatusChange: inOrder(
      { code: 0x80100009, state: 0, atr: new Uint8Array() },
      { code: 0, state: readerState.empty, atr: new Uint8Array() },
    ),
  });
  assert.deepEqual(
    (await readersOf(fake).list()).map((reader) => reader.readerName),
    ['Reader B'],
  );
  assert.deepEqual(fake.calls, ['release']);
});

test('A card is left as it is, or reset once when the work asks for it', async () => {
  const fake = fakeWinscard();
  await readersOf(fake).use('Reader A', send, never);
  assert.deepEqual(fake.calls, ['begin', 'transmit 00ca0102', 'end 0', 'disconnect 0', 'release']);

  const asked = fakeWinscard();
  await readersOf(asked).use('Reader A', askForReset, never);
  assert.deepEqual(asked.calls, ['begin', 'end 1', 'disconnect 0', 'release']);
});

test('A card that could not be reset at the end of the transaction is reset by disconnecting', async () => {
  const fake = fakeWinscard({ endTransaction: inOrder(0x80100016) });
  await readersOf(fake).use('Reader A', askForReset, never);
  assert.deepEqual(fake.calls, ['begin', 'end 1', 'disconnect 1', 'release']);
});

test('The work is run once more from the start when another program had reset the card', async () => {
  const fake = fakeWinscard({ transmit: inOrder(ok, wasReset, ok) });
  let runs = 0;
  await readersOf(fake).use(
    'Reader A',
    async (card) => {
      runs += 1;
      await send(card);
      await send(card);
    },
    never,
  );
  assert.equal(runs, 2);
  assert.equal(fake.calls.filter((call) => call === 'release').length, 2);
});

test('A card that is reset a second time is CardReset', async () => {
  const fake = fakeWinscard({ transmit: inOrder(wasReset) });
  await assert.rejects(readersOf(fake).use('Reader A', send, never), {
    id: 'CardReset',
    details: { readerName: 'Reader A', hresult: 0x80100068 },
  });
  assert.equal(fake.calls.filter((call) => call === 'begin').length, 2);
});

test('The work is not run again once a write had begun', async () => {
  const fake = fakeWinscard({ transmit: inOrder(wasReset) });
  const work = (card: SmartCardConnection): Promise<Uint8Array> => card.uninterrupted(() => send(card));
  await assert.rejects(readersOf(fake).use('Reader A', work, never), { id: 'CardReset' });
  assert.equal(fake.calls.filter((call) => call === 'begin').length, 1);
});

test('A card that was reset by the program before is connected to again', async () => {
  const fake = fakeWinscard({ beginTransaction: inOrder(0x80100068, 0) });
  await readersOf(fake).use('Reader A', send, never);
  assert.deepEqual(fake.calls.slice(0, 3), ['begin', 'disconnect 0', 'begin']);
});

test("A failed command is explained by the reader's state", async () => {
  const present = { code: 0, state: readerState.present | (1 << 16), atr: new Uint8Array() };
  const later = [
    [{ ...present, state: readerState.empty | (2 << 16) }, 'CardRemoved'],
    [{ ...present, state: readerState.present | (3 << 16) }, 'CardRemoved'],
    [{ ...present, state: readerState.present | readerState.mute }, 'CardMute'],
    [{ ...present, state: readerState.unavailable }, 'ReaderUnavailable'],
    [{ ...present, code: 0x80100009 }, 'ReaderNotFound'],
    [{ ...present, code: 0x8010000a }, 'PcscFailure'],
  ] as const;
  for (const [state, id] of later) {
    const fake = fakeWinscard({
      transmit: inOrder({ code: 0x80100016, length: 0 }),
      getStatusChange: inOrder(present, present, state),
    });
    await assert.rejects(readersOf(fake).use('Reader A', send, never), { id });
  }
});

test("A failure that only Windows knows is explained by the reader's state too", async () => {
  const { present, empty } = readerState;
  const fake = fakeWinscard({
    platform: windows,
    transmit: inOrder({ code: 1117, length: 0 }),
    getStatusChange: inOrder<{ code: number; state: number; atr: Uint8Array }>(
      { code: 0, state: present, atr: new Uint8Array() },
      { code: 0, state: empty, atr: new Uint8Array() },
    ),
  });
  await assert.rejects(readersOf(fake).use('Reader A', send, never), { id: 'CardRemoved' });
});

test('A response without a status word is PcscFailure', async () => {
  const fake = fakeWinscard({ transmit: inOrder({ code: 0, length: 1 }) });
  await assert.rejects(readersOf(fake).use('Reader A', send, never), { id: 'PcscFailure' });
});

test('A reader held exclusively is asked again until it is ReaderBusy', async () => {
  const refused = { code: 0x8010000b, card: 0, protocol: 0 };
  const busy = readersOf(fakeWinscard({ connect: inOrder(refused) }), 20);
  await assert.rejects(busy.use('Reader A', send, never), { id: 'ReaderBusy' });

  const soon = readersOf(fakeWinscard({ connect: inOrder(refused, { code: 0, card: 1, protocol: 2 }) }));
  assert.equal((await soon.use('Reader A', send, never)).length, 2);
});

test('A blocked call is given up, cleaned up when it returns, and never joined by a second one', async () => {
  const held = pending<number>();
  let begins = 0;
  const fake = fakeWinscard({
    beginTransaction: () => {
      begins += 1;
      return begins === 1 ? held.promise : Promise.resolve(0);
    },
  });
  const readers = readersOf(fake, 20);
  await assert.rejects(readers.use('Reader A', send, never), {
    id: 'ReaderBusy',
    details: { readerName: 'Reader A' },
  });
  await assert.rejects(readers.use('Reader A', send, never), { id: 'ReaderBusy' });
  assert.deepEqual(fake.calls, ['begin']);

  held.resolve(0);
  await readers.use('Reader A', send, never);
  assert.deepEqual(fake.calls.slice(0, 5), ['begin', 'end 0', 'disconnect 0', 'release', 'begin']);
});

test('A reader whose card never answers an earlier work is ReaderBusy for the next one, also after cancelling', async () => {
  const held = pending<{ code: number; length: number }>();
  const sent = pending<undefined>();
  const fake = fakeWinscard({
    transmit: () => {
      sent.resolve(undefined);
      return held.promise;
    },
  });
  const readers = readersOf(fake, 20);
  const cancellation = new AbortController();
  const stuck = readers.use('Reader A', send, cancellation.signal);
  await sent.promise;
  cancellation.abort();
  const next = readers.use('Reader A', send, never);
  setTimeout(() => {
    held.resolve(ok);
  }, 2000).unref();
  await assert.rejects(next, { id: 'ReaderBusy' });

  held.resolve(ok);
  await stuck;
  await readers.use('Reader A', send, never);
});

test('Cancelling ends the wait for a busy reader at once', async () => {
  const held = pending<number>();
  const begun = pending<undefined>();
  const fake = fakeWinscard({
    beginTransaction: () => {
      begun.resolve(undefined);
      return held.promise;
    },
  });
  const cancel = new AbortController();
  const use = readersOf(fake).use('Reader A', send, cancel.signal);
  await begun.promise;
  const reason = new Error('cancelled');
  cancel.abort(reason);
  await assert.rejects(use, reason);
  held.resolve(0);
});

test('Cancelling ends the work before the next command, with the reason given', async () => {
  const fake = fakeWinscard();
  const cancel = new AbortController();
  const reason = new Error('cancelled');
  const work = async (card: SmartCardConnection): Promise<void> => {
    await send(card);
    cancel.abort(reason);
    await send(card);
  };
  await assert.rejects(readersOf(fake).use('Reader A', work, cancel.signal), reason);
  assert.equal(fake.calls.filter((call) => call.startsWith('transmit')).length, 1);
});

test('Cancelling does not interrupt a write, and is felt after it', async () => {
  const fake = fakeWinscard();
  const cancel = new AbortController();
  let written = 0;
  const work = async (card: SmartCardConnection): Promise<void> => {
    await card.uninterrupted(async () => {
      cancel.abort(new Error('cancelled'));
      await send(card);
      await send(card);
      written = 2;
    });
    await send(card);
  };
  await assert.rejects(readersOf(fake).use('Reader A', work, cancel.signal), /cancelled/u);
  assert.equal(written, 2);
  assert.equal(fake.calls.filter((call) => call.startsWith('transmit')).length, 2);
});

test('One reader serves one work at a time, other readers at the same time', async () => {
  const readers = readersOf(fakeWinscard());
  const first = pending<undefined>();
  const order: string[] = [];
  const uses = [
    readers.use('Reader A', () => first.promise.then(() => order.push('A1')), never),
    readers.use('Reader A', () => Promise.resolve(order.push('A2')), never),
  ];
  await readers.use('Reader B', () => Promise.resolve(order.push('B')), never);
  first.resolve(undefined);
  await Promise.all(uses);
  assert.deepEqual(order, ['B', 'A1', 'A2']);
});

test('Commands given at once are sent one after the other', async () => {
  let running = 0;
  let most = 0;
  const transmit: Winscard['transmit'] = async (_card, _protocol, sent, response) => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    response.set(sent);
    running -= 1;
    return { code: 0, length: sent.length };
  };
  const readers = readersOf(fakeWinscard({ transmit }));
  const commands = [1, 2, 3].map((p2) => Uint8Array.of(0, 0xca, 0, p2));
  const answers = await readers.use(
    'Reader A',
    (card) => Promise.all(commands.map((each) => card.transmit(each))),
    never,
  );
  assert.deepEqual(answers, commands);
  assert.equal(most, 1);
});

test('settled waits for writes, and for the reset of a card that saw a PIN', async () => {
  const ended = pending<number>();
  const resetting = pending<undefined>();
  const fake = fakeWinscard({
    endTransaction: () => {
      resetting.resolve(undefined);
      return ended.promise;
    },
  });
  const readers = readersOf(fake);
  const use = readers.use(
    'Reader A',
    async (card) => {
      card.resetAtEnd();
      await card.uninterrupted(() => send(card));
    },
    never,
  );
  await resetting.promise;
  let settled = false;
  const settling = readers.settled().then(() => (settled = true));
  await new Promise(setImmediate);
  assert.equal(settled, false);
  ended.resolve(0);
  await Promise.all([use, settling]);
});

test('Closing stops the work before its next command and refuses new work', async () => {
  const readers = readersOf(fakeWinscard());
  const begun = pending<undefined>();
  const goOn = pending<undefined>();
  const use = readers.use(
    'Reader A',
    async (card) => {
      begun.resolve(undefined);
      await goOn.promise;
      await send(card);
    },
    never,
  );
  await begun.promise;
  const closed = readers.close();
  goOn.resolve(undefined);
  await assert.rejects(use, { name: 'AbortError' });
  await closed;
  await assert.rejects(readers.use('Reader A', send, never), { name: 'AbortError' });
});
