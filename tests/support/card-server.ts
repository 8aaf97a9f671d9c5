/** Serves virtual readers and cards to the shim of winscard.dll (tests/wine/winscard.c) over loopback TCP. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import {
  cacheKey,
  code,
  nextChange,
  wake,
  type Answer,
  type CacheItem,
  type Context,
  type Manager,
} from './card-manager.js';
import * as calls from './card-manager.js';
import { change, leave, newReader, reset, type CardReader, type InReader } from './card-reader.js';
import { messages, readFields, send, u32, type Fields } from './card-wire.js';

/** In the order of the shim's numbers, which begin with 1. */
const callNames = [
  'Establish',
  'ListReaders',
  'GetStatusChange',
  'Connect',
  'Disconnect',
  'Begin',
  'End',
  'Transmit',
  'Cancel',
  'ReadCache',
  'WriteCache',
  'WaitForService',
] as const;
export { code };
export type CallName = (typeof callNames)[number];

/** A return code to give, or what to do before the call is carried out. */
export type Interception = number | (() => unknown);

/** The calling process crashes. */
export const crash: Interception = 0xdeaddead;
/** The call doesn't return. */
export const hang: Interception = () => new Promise<void>(() => undefined);

export interface CardServer {
  readonly port: number;
  addReader(readerName: string): void;
  removeReader(readerName: string): void;
  /** Inserts a card in place of what is in the reader; null takes it out. */
  insert(readerName: string, content: InReader): void;
  /** As if another program had reset the card. */
  resetCard(readerName: string): void;
  /** The command APDUs that reached this reader's cards so far. */
  commandCount(readerName: string): number;
  resetCount(readerName: string): number;
  /** How many contexts and connections to cards programs have. */
  held(): { contexts: number; cards: number };
  /** Resolves when nothing is held. */
  released(): Promise<void>;
  setService(service: Manager['service']): void;
  /** Meddles with the n-th such call from now on (1: the next), once. */
  intercept(call: CallName, n: number, what: Interception): void;
  /** Resolves when such a call has come n times from now on; a call that blocks has come. */
  called(call: CallName, n?: number): Promise<void>;
  /** @param cardId a GUID's bytes in hex, as they lie in memory */
  putCacheItem(cardId: string, name: string, item: CacheItem): void;
  cacheItem(cardId: string, name: string): CacheItem | undefined;
  stop(): Promise<void>;
}

interface Expected {
  readonly call: CallName;
  left: number;
  readonly what: Interception;
}

export async function startCardServer(): Promise<CardServer> {
  const manager: Manager = {
    ...{ readers: new Map(), cache: new Map(), contexts: new Map(), waiting: new Set() },
    service: 'Running',
  };
  const expected = new Set<Expected>();
  const sockets = new Set<Socket>();
  const stopping = new AbortController();

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    void serve(manager, expected, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  function reader(readerName: string): CardReader {
    const found = manager.readers.get(readerName);
    if (!found) throw new Error(`There is no reader ${readerName}`);
    return found;
  }

  function intercept(call: CallName, n: number, what: Interception): void {
    expected.add({ call, left: n, what });
  }

  const held = () => {
    const contexts = [...manager.contexts.values()];
    return { contexts: contexts.length, cards: contexts.reduce((sum, { cards }) => sum + cards.size, 0) };
  };

  return {
    port,
    intercept,
    held,
    addReader(readerName) {
      manager.readers.set(readerName, newReader(readerName));
      wake(manager);
    },
    removeReader(readerName) {
      change(reader(readerName), null);
      manager.readers.delete(readerName);
      wake(manager);
    },
    insert(readerName, content) {
      change(reader(readerName), content);
      wake(manager);
    },
    resetCard(readerName) {
      reset(reader(readerName), null);
    },
    commandCount: (readerName) => reader(readerName).commandCount,
    resetCount: (readerName) => reader(readerName).resetCount,
    async released() {
      while (held().contexts > 0) await nextChange(manager, null, stopping.signal);
    },
    setService(service) {
      manager.service = service;
      wake(manager);
    },
    called: (call, n = 1) =>
      new Promise((resolve) => {
        intercept(call, n, resolve);
      }),
    putCacheItem(cardId, name, item) {
      manager.cache.set(cacheKey(cardId, name), item);
    },
    cacheItem: (cardId, name) => manager.cache.get(cacheKey(cardId, name)),
    async stop() {
      stopping.abort();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

let lastNumber = 0;

/** One connection: a context's calls one after the other, and its end. */
async function serve(manager: Manager, expected: Set<Expected>, socket: Socket): Promise<void> {
  const closing = new AbortController();
  socket.on('close', () => {
    closing.abort();
    release(manager, context);
  });
  const context: Context = {
    ...{ number: (lastNumber += 1), cards: new Map(), closed: closing.signal },
    cancellations: 0,
  };
  for await (const message of messages(socket)) {
    const fields = readFields(message);
    const call = callNames[fields.u32() - 1];
    if (call === undefined) throw new Error('The shim sent an unknown call');
    const [number, ...parts] = await answer(manager, expected, context, call, fields);
    send(socket, Buffer.concat([u32(number), ...parts]));
  }
}

function release(manager: Manager, context: Context): void {
  manager.contexts.delete(context.number);
  for (const connected of context.cards.values()) leave(connected);
  context.cards.clear();
  wake(manager);
}

async function answer(
  manager: Manager,
  expected: Set<Expected>,
  context: Context,
  call: CallName,
  fields: Fields,
): Promise<Answer> {
  const given = await meddle(expected, call);
  if (given !== null) return [given];
  if (call === 'WaitForService') return waitForService(manager, context, fields.u32());
  if (manager.service === 'NotThere') return [code.noService];
  if (manager.service === 'Stopped') return [code.serviceStopped];
  return carryOut(manager, context, call, fields);
}

/** The return code to give instead of carrying the call out. */
async function meddle(expected: Set<Expected>, call: CallName): Promise<number | null> {
  let given: number | null = null;
  for (const entry of [...expected].filter((each) => each.call === call)) {
    entry.left -= 1;
    if (entry.left > 0) continue;
    expected.delete(entry);
    if (typeof entry.what === 'number') given = entry.what;
    else await entry.what();
  }
  return given;
}

/** Answers 1 or 0 when that is not what the caller knows. */
async function waitForService(manager: Manager, { closed }: Context, known: number): Promise<Answer> {
  for (;;) {
    const running = manager.service === 'Running' ? 1 : 0;
    if (running !== known || closed.aborted) return [running];
    await nextChange(manager, null, closed);
  }
}

function carryOut(
  manager: Manager,
  context: Context,
  call: Exclude<CallName, 'WaitForService'>,
  fields: Fields,
): Answer | Promise<Answer> {
  switch (call) {
    case 'Establish':
      manager.contexts.set(context.number, context);
      return [code.success, u32(context.number)];
    case 'ListReaders':
      return calls.listReaders(manager);
    case 'GetStatusChange':
      return calls.getStatusChange(manager, context, fields);
    case 'Connect':
      return calls.connect(manager, context, fields, (lastNumber += 1));
    case 'Disconnect':
      return calls.disconnect(manager, context, fields.u32(), fields.u32());
    case 'Begin':
      return calls.beginTransaction(manager, context, fields.u32());
    case 'End':
      return calls.endTransaction(manager, context, fields.u32(), fields.u32());
    case 'Transmit':
      return calls.transmit(context, fields);
    case 'Cancel':
      return cancel(manager, fields.u32());
    case 'ReadCache':
      return calls.readCache(manager, fields);
    case 'WriteCache':
      return calls.writeCache(manager, fields);
  }
}

/** Ends the waiting for a status change; nothing else. */
function cancel(manager: Manager, number: number): Answer {
  const context = manager.contexts.get(number);
  if (context) context.cancellations += 1;
  wake(manager);
  return [code.success];
}
