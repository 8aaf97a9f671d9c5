import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { VirtualCard } from '../../engine/pcsc/embedded.js';
import { pcscReaders } from '../../engine/pcsc/pcsc.js';
import type { SmartCardConnection } from '../../engine/pcsc/reader.js';
import { insertCard } from '../../engine/virtual/vpcd.js';
import { type Pcscd, skipWithoutPcscd, startPcscd } from '../support/pcscd.js';

const never = new AbortController().signal;
/** T=1 only, no historical bytes (ISO 7816-3, 8.2). */
const atr = Uint8Array.of(0x3b, 0x80, 0x01, 0x81);
const command = Uint8Array.of(0x00, 0xca, 0x01, 0x02, 0x00);
const send = (card: SmartCardConnection): Promise<Uint8Array> => card.transmit(command);

/** Answers each command with itself and 9000. */
const echoCard: VirtualCard = {
  atr,
  transmit: (bytes) => Uint8Array.of(...bytes, 0x90, 0x00),
  reset: () => undefined,
};
const echoed = await echoCard.transmit(command);

suite('PC/SC of this system', { skip: skipWithoutPcscd() }, () => {
  const readers = pcscReaders();
  let folder: string;
  let pcscd: Pcscd;
  let socket: string;
  let readerName: string;
  let port: number;

  /** The library reads its socket's path once per process: a link that stays leads to the daemon of the moment. */
  async function start(): Promise<void> {
    pcscd = await startPcscd();
    await symlink(pcscd.env.PCSCLITE_CSOCK_NAME ?? assert.fail(), socket);
    process.env.PCSCLITE_CSOCK_NAME = socket;
    ({ readerName, port } = pcscd.readers[0] ?? assert.fail());
  }

  async function stop(): Promise<void> {
    await unlink(socket);
    await pcscd.stop();
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certprop-pcsc-'));
    socket = join(folder, 'pcscd.comm');
    await start();
  });

  after(async () => {
    await readers.close();
    await stop();
    await rm(folder, { recursive: true });
  });

  test('Readers are listed without a card and with one', async () => {
    const empty = await readers.list();
    assert.deepEqual(
      empty,
      pcscd.readers.map((reader) => ({ readerName: reader.readerName, status: 'Empty', atr: null })),
    );
    const card = await insertCard(echoCard, port);
    assert.deepEqual(
      (await readers.list()).find((reader) => reader.readerName === readerName),
      { readerName, status: 'Present', atr },
    );
    await card.remove();
  });

  test('Using an empty reader is NoCard, one that is not there ReaderNotFound', async () => {
    await assert.rejects(readers.use(readerName, send, never), { id: 'NoCard' });
    await assert.rejects(readers.use('No such reader', send, never), { id: 'ReaderNotFound' });
  });

  test('Commands of any size and their responses pass unchanged', async () => {
    const card = await insertCard(echoCard, port);
    const sizes = [5, 6, 261, 262, 4096, 60_000];
    await readers.use(
      readerName,
      async (connection) => {
        assert.deepEqual(connection.atr, atr);
        for (const size of sizes) {
          const sent = new Uint8Array(size).fill(size & 0xff).fill(0, 0, 4);
          assert.deepEqual(await connection.transmit(sent), Uint8Array.of(...sent, 0x90, 0x00));
        }
      },
      never,
    );
    await card.remove();
  });

  test('A card pulled in the middle of a command is CardRemoved, and the next card works', async () => {
    const card = await insertCard(echoCard, port);
    card.pullAtCommand(2);
    const work = async (connection: SmartCardConnection): Promise<void> => {
      await send(connection);
      await send(connection);
    };
    await assert.rejects(readers.use(readerName, work, never), { id: 'CardRemoved' });
    const next = await insertCard(echoCard, port);
    assert.deepEqual(await readers.use(readerName, send, never), echoed);
    await next.remove();
  });

  test('A card pulled between two commands is CardRemoved', async () => {
    const card = await insertCard(echoCard, port);
    const work = async (connection: SmartCardConnection): Promise<void> => {
      await send(connection);
      await card.remove();
      await send(connection);
    };
    await assert.rejects(readers.use(readerName, work, never), { id: 'CardRemoved' });
  });

  test('A card that does not answer to a reset is Mute in the list and CardMute in use', async () => {
    // vpcd refuses to power a card whose answer to reset is longer than the 33 bytes of ISO 7816-3, 8.2.1.
    const card = await insertCard({ ...echoCard, atr: new Uint8Array(34) }, port);
    const listed = (await readers.list()).find((reader) => reader.readerName === readerName);
    assert.deepEqual(listed, { readerName, status: 'Mute', atr: null });
    await assert.rejects(readers.use(readerName, send, never), { id: 'CardMute' });
    await card.remove();
  });

  test('A card is reset at the end when the work asked for it, and only then', async () => {
    const card = await insertCard(echoCard, port);
    await readers.use(readerName, send, never);
    const before = card.resetCount;
    await readers.use(readerName, send, never);
    assert.equal(card.resetCount, before);
    await readers.use(
      readerName,
      (connection) => {
        connection.resetAtEnd();
        return Promise.resolve();
      },
      never,
    );
    assert.equal(card.resetCount, before + 1);
    await card.remove();
  });

  test('A card held by another program is ReaderBusy, and can be used when that ends', async () => {
    const card = await insertCard(echoCard, port);
    const holder = await holdCard(readerName);
    const impatient = pcscReaders({ busyMilliseconds: 50 });
    await assert.rejects(impatient.use(readerName, send, never), {
      id: 'ReaderBusy',
      details: { readerName },
    });
    await assert.rejects(impatient.use(readerName, send, never), { id: 'ReaderBusy' });
    await holder.end('0');
    assert.deepEqual(await readers.use(readerName, send, never), echoed);
    await impatient.close();
    await card.remove();
  });

  test('A program that resets the card when it lets go of it is not noticed by the one that waits', async () => {
    const card = await insertCard(echoCard, port);
    const holder = await holdCard(readerName);
    const before = card.resetCount;
    const use = readers.use(readerName, send, never);
    await holder.end('1');
    assert.deepEqual(await use, echoed);
    assert.equal(card.resetCount, before + 1);
    await card.remove();
  });

  test('Cancelling ends the wait for a held card at once', async () => {
    const card = await insertCard(echoCard, port);
    const holder = await holdCard(readerName);
    const cancel = new AbortController();
    const use = readers.use(readerName, send, cancel.signal);
    const reason = new Error('cancelled');
    setImmediate(() => {
      cancel.abort(reason);
    });
    await assert.rejects(use, reason);
    await holder.end('0');
    assert.deepEqual(await readers.use(readerName, send, never), echoed);
    await card.remove();
  });

  test('A service that is restarted during the work is PcscUnavailable, and the next use works', async () => {
    await insertCard(echoCard, port);
    const work = async (connection: SmartCardConnection): Promise<void> => {
      await send(connection);
      await stop();
      await start();
      await send(connection);
    };
    await assert.rejects(readers.use(readerName, work, never), { id: 'PcscUnavailable' });
    const card = await insertCard(echoCard, port);
    assert.deepEqual(await readers.use(readerName, send, never), echoed);
    await card.remove();
  });

  test('A service that was restarted between two uses is not noticed', async () => {
    await readers.list();
    await stop();
    await start();
    assert.equal((await readers.list()).length, pcscd.readers.length);
  });

  test('Without a service, listing and using are PcscUnavailable and say what to do', async () => {
    await stop();
    await assert.rejects(readers.list(), { id: 'PcscUnavailable', message: /pcscd/u });
    await assert.rejects(readers.use(readerName, send, never), { id: 'PcscUnavailable' });
    await start();
  });
});

interface Holder {
  /** Ends the transaction, `1` with a reset of the card, and the program. */
  end(disposition: '0' | '1'): Promise<void>;
}

async function holdCard(readerName: string): Promise<Holder> {
  const script = fileURLToPath(new URL('../pcsc/card-holder.js', import.meta.url));
  const program: ChildProcess = spawn(process.execPath, [script, readerName], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = program;
  if (stdin === null || stdout === null) assert.fail();
  const exited = once(program, 'exit');
  const lines = createInterface({ input: stdout });
  assert.deepEqual(await once(lines, 'line'), ['held']);
  return {
    async end(disposition) {
      stdin.write(`${disposition}\n`);
      assert.deepEqual(await exited, [0, null]);
    },
  };
}
