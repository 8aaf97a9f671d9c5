import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { CertPropError, type ErrorId } from '../../engine/errors.js';
import { embeddedReaders } from '../../engine/pcsc/embedded.js';
import type { SmartCardConnection, SmartCardReaders } from '../../engine/pcsc/reader.js';
import { loadCardFile, muteCardFile, unknownCardFile } from '../../engine/virtual/card-file.js';
import { readCardImage, writeCardImage } from '../../engine/virtual/card-image.js';
import { initializedCard } from '../../engine/virtual/personalization.js';

const never = new AbortController().signal;
const verifyPin = Buffer.from('002000800431323334', 'hex');
const askPin = Buffer.from('00200080', 'hex');
const wrongPin = Buffer.from('002000800430303030', 'hex');

describe('the embedded readers', () => {
  let folder: string;
  let readers: SmartCardReaders;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'readers-'));
    readers = embeddedReaders(folder, loadCardFile);
    await mkdir(join(folder, 'Reader A'));
  });
  afterEach(async () => {
    await readers.close();
    await rm(folder, { recursive: true });
  });

  const cardPath = (reader = 'Reader A') => join(folder, reader, 'card.json');
  const image = () =>
    writeCardImage(
      initializedCard({ cardId: new Uint8Array(16), pin: Buffer.from('1234'), adminKey: new Uint8Array(24) }),
    );
  const insert = (content = image()) => writeFile(cardPath(), content);

  async function transmit(card: SmartCardConnection, command: Uint8Array): Promise<string> {
    return Buffer.from(await card.transmit(command)).toString('hex');
  }

  async function fails(work: Promise<unknown>, id: ErrorId) {
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof CertPropError, String(error));
      assert.equal(error.id, id);
      return true;
    });
  }

  /** Resolves when the work has the card, and gives the function that lets it go. */
  async function hold(): Promise<{ release: () => void; ended: Promise<unknown> }> {
    let release = (): void => undefined;
    let holds = (): void => undefined;
    const held = new Promise<void>((resolve) => (holds = resolve));
    const ended = readers.use(
      'Reader A',
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
          holds();
        }),
      never,
    );
    await held;
    return { release, ended };
  }

  test('are the folder’s folders, in order, with what is in them', async () => {
    for (const name of ['Empty', 'Broken', 'Mute', 'Unknown']) await mkdir(join(folder, name));
    await writeFile(cardPath('Broken'), '{');
    await writeFile(cardPath('Mute'), muteCardFile);
    await writeFile(cardPath('Unknown'), unknownCardFile);
    await insert();
    const list = await readers.list();
    assert.deepEqual(
      list.map(({ readerName, status, atr }) => [
        readerName,
        status,
        atr && Buffer.from(atr).toString('hex'),
      ]),
      [
        ['Broken', 'Unavailable', null],
        ['Empty', 'Empty', null],
        ['Mute', 'Mute', null],
        ['Reader A', 'Present', '3b85018073c0018036'],
        ['Unknown', 'Present', '3b00'],
      ],
    );
  });

  test('need an existing folder', async () => {
    await fails(embeddedReaders(join(folder, 'missing'), loadCardFile).list(), 'PcscUnavailable');
  });

  test('tell what is wrong: no such reader, no card, a mute one, a broken image', async () => {
    const use = (reader: string) => readers.use(reader, () => Promise.resolve(), never);
    await fails(use('Reader B'), 'ReaderNotFound');
    await fails(use('..'), 'ReaderNotFound');
    await fails(use('Reader A'), 'NoCard');
    await insert(muteCardFile);
    await fails(use('Reader A'), 'CardMute');
    await insert('[]');
    await fails(use('Reader A'), 'MalformedCardData');
  });

  test('keep a changed card in its file, and leave an unchanged one alone', async () => {
    const before = image();
    await insert(before);
    await readers.use('Reader A', (card) => transmit(card, askPin), never);
    assert.equal(await readFile(cardPath(), 'utf8'), before);
    await readers.use('Reader A', (card) => transmit(card, wrongPin), never);
    assert.equal(readCardImage(await readFile(cardPath(), 'utf8')).pin.triesLeft, 2);
    assert.deepEqual(await readdir(join(folder, 'Reader A')), ['card.json']);
  });

  test('leave the card as it is at the end, or reset it when asked to', async () => {
    await insert();
    const ask = () => readers.use('Reader A', (card) => transmit(card, askPin), never);
    await readers.use('Reader A', (card) => transmit(card, verifyPin), never);
    assert.equal(await ask(), '9000');
    await readers.use(
      'Reader A',
      (card) => {
        card.resetAtEnd();
        return Promise.resolve();
      },
      never,
    );
    assert.equal(await ask(), '63c3');
  });

  test('a pulled card ends the work, and does not come back', async () => {
    await insert();
    const work = readers.use(
      'Reader A',
      async (card) => {
        await rm(cardPath());
        await transmit(card, wrongPin);
      },
      never,
    );
    await fails(work, 'CardRemoved');
    assert.deepEqual(await readdir(join(folder, 'Reader A')), []);
  });

  test('another card in the same reader is not the one in use', async () => {
    await insert();
    const work = readers.use(
      'Reader A',
      async (card) => {
        await insert(unknownCardFile);
        await transmit(card, askPin);
      },
      never,
    );
    await fails(work, 'CardRemoved');
  });

  test('serve one user at a time', async () => {
    await insert();
    const order: string[] = [];
    const first = await hold();
    const second = readers.use('Reader A', () => Promise.resolve(order.push('second')), never);
    await setImmediate();
    order.push('first');
    first.release();
    await Promise.all([first.ended, second]);
    assert.deepEqual(order, ['first', 'second']);
  });

  test('are busy after ten seconds, and free again afterwards', async () => {
    await insert();
    const first = await hold();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const waiting = readers.use('Reader A', () => Promise.resolve(), never);
      const refused = fails(waiting, 'ReaderBusy');
      await readers.list();
      mock.timers.tick(10_000);
      await refused;
    } finally {
      mock.timers.reset();
    }
    first.release();
    await first.ended;
    await readers.use('Reader A', () => Promise.resolve(), never);
  });

  test('stop waiting, and stop the work, when it is cancelled', async () => {
    await insert();
    const first = await hold();
    const waiting = new AbortController();
    const second = readers.use('Reader A', () => Promise.resolve(), waiting.signal);
    await readers.list();
    waiting.abort(new Error('stopped'));
    await assert.rejects(second, /stopped/);
    first.release();
    await first.ended;

    const working = new AbortController();
    const third = readers.use(
      'Reader A',
      async (card) => {
        working.abort(new Error('stopped too'));
        await transmit(card, wrongPin);
      },
      working.signal,
    );
    await assert.rejects(third, /stopped too/);
    assert.equal(readCardImage(await readFile(cardPath(), 'utf8')).pin.triesLeft, 3, 'nothing was sent');
  });

  test('run an uninterrupted write to its end, and settle then', async () => {
    await insert();
    const cancel = new AbortController();
    const events: string[] = [];
    let begun = (): void => undefined;
    const writing = new Promise<void>((resolve) => (begun = resolve));
    const work = readers.use(
      'Reader A',
      async (card) => {
        await card.uninterrupted(async () => {
          cancel.abort(new Error('stopped'));
          begun();
          await transmit(card, wrongPin);
          await transmit(card, wrongPin);
          events.push('written');
        });
        await transmit(card, askPin);
      },
      cancel.signal,
    );
    const rejected = assert.rejects(work, /stopped/);
    await writing;
    await readers.settled();
    events.push('settled');
    await rejected;
    assert.deepEqual(events, ['written', 'settled']);
    assert.equal(readCardImage(await readFile(cardPath(), 'utf8')).pin.triesLeft, 1);
  });

  function watch() {
    const stop = new AbortController();
    const changes = readers.changes(stop.signal);
    const next = async (): Promise<string> => {
      const { value } = await changes.next();
      return value ? `${value.kind} ${value.readerName}` : 'end';
    };
    return { stop, next };
  }

  test('tell of cards that are there, come and go, and of those that come and go with their readers', async () => {
    await insert(muteCardFile);
    const { next } = watch();
    assert.equal(await next(), 'Inserted Reader A');
    await rm(cardPath());
    assert.equal(await next(), 'Removed Reader A');
    await insert(unknownCardFile);
    assert.equal(await next(), 'Inserted Reader A');
    await mkdir(join(folder, 'Reader B'));
    await writeFile(cardPath('Reader B'), muteCardFile);
    assert.equal(await next(), 'Inserted Reader B');
    await rm(join(folder, 'Reader B'), { recursive: true });
    assert.equal(await next(), 'Removed Reader B');
  });

  test('tell both of a card that was removed and written anew between two looks, each of 100 times', async () => {
    await insert(muteCardFile);
    const { next } = watch();
    assert.equal(await next(), 'Inserted Reader A');
    for (let time = 0; time < 100; time += 1) {
      rmSync(cardPath());
      writeFileSync(`${cardPath()}.new`, muteCardFile);
      renameSync(`${cardPath()}.new`, cardPath());
      assert.deepEqual([await next(), await next()], ['Removed Reader A', 'Inserted Reader A']);
    }
  });

  test('tell nothing of a card that is used and saved', async () => {
    await insert();
    const { next } = watch();
    assert.equal(await next(), 'Inserted Reader A');
    await readers.use('Reader A', (card) => transmit(card, wrongPin), never);
    await readers.use('Reader A', (card) => transmit(card, wrongPin), never);
    await mkdir(join(folder, 'Reader B'));
    await writeFile(cardPath('Reader B'), muteCardFile);
    assert.equal(await next(), 'Inserted Reader B');
  });

  test('have no card as long as its file is broken', async () => {
    await insert('{');
    const { next } = watch();
    const first = next();
    await insert(muteCardFile);
    assert.equal(await first, 'Inserted Reader A');
    await insert('{');
    assert.equal(await next(), 'Removed Reader A');
  });

  test('end telling with the signal, and when they are closed', async () => {
    const first = watch();
    const last = first.next();
    first.stop.abort();
    assert.equal(await last, 'end');
    const second = watch().next();
    await readers.close();
    assert.equal(await second, 'end');
  });

  test('can not tell without their folder', async () => {
    const missing = embeddedReaders(join(folder, 'missing'), loadCardFile);
    await fails(missing.changes(never).next(), 'PcscUnavailable');
  });
});
