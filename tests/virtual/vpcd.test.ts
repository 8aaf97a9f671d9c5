/** How a virtual card gets into a reader of vpcd's: the tests play the reader. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { insertCard } from '../../engine/virtual/vpcd.js';

const atr = Uint8Array.of(0x3b, 0x80, 0x01, 0x81);
const card = { atr, transmit: () => Uint8Array.of(0x90, 0x00), reset: () => undefined };
const control = { powerOff: 0, powerOn: 1, answerToReset: 4 };

suite('Inserting a virtual card', { timeout: 30_000 }, () => {
  let reader: Server;
  let port: number;

  before(async () => {
    reader = createServer().listen(0, '127.0.0.1');
    await once(reader, 'listening');
    ({ port } = reader.address() as AddressInfo);
  });
  after(() => reader.close());

  async function connection(): Promise<Socket> {
    const [socket] = (await once(reader, 'connection')) as [Socket];
    return socket;
  }

  function send(socket: Socket, code: number): void {
    socket.write(Uint8Array.of(0, 1, code));
  }

  async function askForAtr(socket: Socket): Promise<void> {
    send(socket, control.answerToReset);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    assert.deepEqual([...answer], [0, atr.length, ...atr]);
  }

  async function power(socket: Socket): Promise<void> {
    await askForAtr(socket);
    await askForAtr(socket);
    send(socket, control.powerOn);
    await askForAtr(socket);
  }

  test('A card is in when the reader has powered it', async () => {
    const connected = connection();
    const inserting = insertCard(card, port);
    await power(await connected);
    const inserted = await inserting;
    assert.equal(inserted.resetCount, 1);
    await inserted.remove();
  });

  test('A card that the reader takes for the one before is inserted again', async () => {
    const first = connection();
    const inserting = insertCard(card, port);
    const overlooking = await first;
    await askForAtr(overlooking);
    await askForAtr(overlooking);
    const second = connection();
    await askForAtr(overlooking);
    await power(await second);
    const inserted = await inserting;
    assert.equal(inserted.resetCount, 1);
    await inserted.remove();
  });

  test('A reader that powers the card before down first takes the new one all the same', async () => {
    const connected = connection();
    const inserting = insertCard(card, port);
    const socket = await connected;
    await askForAtr(socket);
    send(socket, control.powerOff);
    await power(socket);
    const inserted = await inserting;
    assert.equal(inserted.resetCount, 1);
    await inserted.remove();
  });

  test('A reader that closes the connection takes no card', async () => {
    const connected = connection();
    const inserting = insertCard(card, port);
    (await connected).end();
    await assert.rejects(inserting, /took no card: it closed the connection/u);
  });
});
