/**
 * Run by node.exe under Wine: calls winscard.dll as its argument says and prints what came of it, as JSON. The mistakes must not
 * come back.
 */
import { loadKoffi } from '../../engine/native/koffi.js';
import { loadSystemLibrary } from '../../engine/native/system-library.js';
import { serviceStarted } from '../../engine/pcsc/windows-service.js';

type Call = (...values: unknown[]) => number;

const infinite = 0xffffffff;
const pnp = '\\\\?PnP?\\Notification';
const cardId = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

async function main(): Promise<unknown> {
  const [what = '', readerName = ''] = process.argv.slice(2);
  const koffi = await loadKoffi();
  const winscard = await loadSystemLibrary('winscard.dll');
  const members = { name: 'str16', user: 'void *', known: 'uint32', state: 'uint32', atrLength: 'uint32' };
  const readerState = koffi.struct({ ...members, atr: koffi.array('uint8', 36) });
  const ioRequest = koffi.struct({ protocol: 'uint32', length: 'uint32' });
  const inoutDword = '_Inout_ uint32 *';
  const native = (name: string, ...types: Parameters<typeof winscard.func>[3]) =>
    winscard.func('__stdcall', name, 'int32', types);
  const establish: Call = native('SCardEstablishContext', 'uint32', 'void *', 'void *', '_Out_ uint64 *');
  const release: Call = native('SCardReleaseContext', 'uint64');
  const listReaders: Call = native('SCardListReadersW', 'uint64', 'void *', 'void *', inoutDword);
  const statusChange = native(
    'SCardGetStatusChangeW',
    'uint64',
    'uint32',
    koffi.inout(koffi.pointer(readerState)),
    'uint32',
  );
  const cancel: Call = native('SCardCancel', 'uint64');
  const outs = ['_Out_ uint64 *', '_Out_ uint32 *'];
  const connect: Call = native('SCardConnectW', 'uint64', 'void *', 'uint32', 'uint32', ...outs);
  const disconnect: Call = native('SCardDisconnect', 'uint64', 'uint32');
  const transmit: Call = native(
    'SCardTransmit',
    'uint64',
    koffi.pointer(ioRequest),
    'void *',
    'uint32',
    'void *',
    'void *',
    inoutDword,
  );
  const readCache: Call = native(
    'SCardReadCacheW',
    'uint64',
    'void *',
    'uint32',
    'str16',
    'void *',
    inoutDword,
  );
  const writeCache: Call = native(
    'SCardWriteCacheW',
    'uint64',
    'void *',
    'uint32',
    'str16',
    'void *',
    'uint32',
  );

  const context: [bigint] = [0n];
  const card: [bigint] = [0n];
  const unsigned = (code: number): number => code >>> 0;
  const toCard = (name: Buffer, share: number, protocols: number): number =>
    connect(context[0], name, share, protocols, card, [0]);
  const text = (value: string): Buffer => Buffer.from(`${value}\0`, 'utf16le');
  const send = (protocol: number, length: number, command: Buffer | null): number => {
    toCard(text(readerName), 2, 3);
    const response = Buffer.alloc(258);
    return transmit(card[0], { protocol, length }, command, command?.length ?? 0, null, response, [258]);
  };
  const state = (name: string | null, known: number) => ({
    ...{ name, user: null, known, state: 0, atrLength: 0, atr: new Array<number>(36).fill(0) },
  });
  const wait = (entry: object): Promise<number> =>
    new Promise((resolve, reject) => {
      statusChange.async(context[0], infinite, entry, 1, (error: Error | null, code: number) => {
        if (error === null) resolve(unsigned(code));
        else reject(error);
      });
    });
  const read = (freshness: number, size: number) => {
    const data = Buffer.alloc(size);
    const length: [number] = [size];
    const code = readCache(context[0], cardId, freshness, 'Cached_Größe', data, length);
    return [unsigned(code), length[0], code === 0 ? data.subarray(0, length[0]).toString('hex') : ''];
  };
  const command = Buffer.from('00a4040000', 'hex');
  establish(2, null, null, context);

  const works: Record<string, () => unknown> = {
    'an unknown scope': () => establish(7, null, null, context),
    'a reserved parameter': () => establish(2, command, null, context),
    'a context that was released': () => [release(context[0]), release(context[0])],
    'a context that never was': () => release(4711n),
    'no length': () => listReaders(context[0], null, Buffer.alloc(512), null),
    'automatic allocation': () => listReaders(context[0], null, Buffer.alloc(512), [infinite]),
    'an unknown state': () => Number(statusChange(context[0], 0, state(readerName, 0x800), 1)),
    'no states': () => Number(statusChange(context[0], 0, null, 1)),
    'a state without a name': () => Number(statusChange(context[0], 0, state(null, 0), 1)),
    'an unterminated name': () => toCard(Buffer.alloc(2048, 0x41), 2, 3),
    'an unknown share mode': () => toCard(text(readerName), 9, 3),
    'an unknown protocol': () => toCard(text(readerName), 2, 8),
    'no protocol': () => toCard(text(readerName), 2, 0),
    'a disposition that is none': () => [toCard(text(readerName), 2, 3), disconnect(card[0], 9)],
    'a card that was disconnected': () => [
      toCard(text(readerName), 2, 3),
      disconnect(card[0], 0),
      disconnect(card[0], 0),
    ],
    "a length of pcsc-lite's": () => send(2, 16, command),
    "another protocol than the card's": () => send(1, 8, command),
    'no command': () => send(2, 8, null),
    'a cache item without a name': () => readCache(context[0], cardId, 0, null, null, [0]),

    async cancel() {
      const waiting = wait(state(readerName, 0x10));
      while (cancel(context[0]) === 0 && !(await Promise.race([waiting.then(() => true), pause()])));
      return [await waiting];
    },
    async pnp() {
      const entry = state(pnp, 0x10000);
      return [await wait(entry), entry.state];
    },
    async 'given up'() {
      const stop = new AbortController();
      setTimeout(() => {
        stop.abort();
      }, 50);
      await serviceStarted(stop.signal);
      return 'given up';
    },
    async started() {
      await serviceStarted(new AbortController().signal);
      return 'started';
    },
    cache() {
      const missing = read(3, 10);
      const written = writeCache(context[0], cardId, 3, 'Cached_Größe', Buffer.from('0badcafe', 'hex'), 4);
      return [missing, written, read(3, 10), read(3, 2), read(4, 10), read(3, 10)];
    },
  };
  return await works[what]?.();
}

function pause(): Promise<boolean> {
  return new Promise((resolve) => setTimeout(resolve, 10, false));
}

void main().then((result) => {
  console.log(JSON.stringify(result));
});
