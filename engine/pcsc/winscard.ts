/**
 * The PC/SC functions that CertProp uses, typed (PC/SC part 5; Windows SDK winscard.h; pcsc-lite's winscard.h).
 *
 * Every call runs on a thread of libuv's pool, none on the event loop. A blocked call occupies its thread until it returns, so the
 * pool has to be larger than the number of readers: the engine is started with UV_THREADPOOL_SIZE=64 in its environment.
 * Functions answer PC/SC's return code as an unsigned 32-bit number and never throw for one.
 */
import { CertPropError } from '../errors.js';
import { type Koffi, loadKoffi } from '../native/koffi.js';
import { loadSystemLibrary, type NativeLibrary } from '../native/system-library.js';
import { parseMultiString } from './multi-string.js';
import { type PcscPlatform, ioRequestStructure, pcscPlatform, readerStateStructure } from './platform.js';
import { success } from './return-codes.js';
import { type ServiceWatch, serviceWatcher } from './service-watch.js';
import { isServiceDisabled } from './windows-service.js';

/** SCARDCONTEXT or SCARDHANDLE. */
export type Handle = number | bigint;

/** SCARD_LEAVE_CARD and SCARD_RESET_CARD. */
export type Disposition = 0 | 1;
export const leaveCard: Disposition = 0;
export const resetCard: Disposition = 1;

/** SCARD_STATE_*, the bits of a reader's state; the high word counts insertions and removals (not on macOS). */
export const readerState = {
  unaware: 0,
  changed: 0x2,
  unknown: 0x4,
  unavailable: 0x8,
  empty: 0x10,
  present: 0x20,
  exclusive: 0x80,
  mute: 0x200,
} as const;

/** Not a reader: its state changes when readers come and go (winscard.h, SCardGetStatusChange). macOS doesn't know it. */
export const pnpReader = '\\\\?PnP?\\Notification';

/** `state`: readerState bits, with the counter, as they were got last. */
export interface KnownReader {
  readonly readerName: string;
  readonly state: number;
}

export interface Winscard {
  readonly platform: PcscPlatform;
  /** Of a service that follows the readers: an administrator has disabled it. */
  isServiceDisabled(): Promise<boolean>;
  establishContext(): Promise<{ code: number; context: Handle }>;
  releaseContext(context: Handle): Promise<number>;
  /** The names are empty unless the code is success. */
  listReaders(context: Handle): Promise<{ code: number; names: readonly string[] }>;
  /** See service-watch.ts. */
  watchService(): ServiceWatch;
  /** Ends a getStatusChange(s) that waits in the context by now, with code SCARD_E_CANCELLED; one that begins later is not ended. */
  cancel(context: Handle): Promise<number>;
  /**
   * The readers' states as soon as one differs from what is known of it, or after the time given; in the order given.
   * `pnpReader` among the names waits for readers to come and go.
   */
  getStatusChanges(
    context: Handle,
    known: readonly KnownReader[],
    milliseconds: number,
  ): Promise<{ code: number; states: readonly number[] }>;
  /**
   * A reader's state when it differs from the one given, or after the time given.
   * `state`: readerState bits; `atr`: empty without a card.
   */
  getStatusChange(
    context: Handle,
    readerName: string,
    knownState: number,
    milliseconds: number,
  ): Promise<{ code: number; state: number; atr: Uint8Array }>;
  /** Connects in shared mode with T=0 or T=1. pcscd and Windows may block as long as another program is in a transaction. */
  connect(context: Handle, readerName: string): Promise<{ code: number; card: Handle; protocol: number }>;
  disconnect(card: Handle, disposition: Disposition): Promise<number>;
  /** Blocks as long as another program is in a transaction; SCardCancel doesn't end that. */
  beginTransaction(card: Handle): Promise<number>;
  endTransaction(card: Handle, disposition: Disposition): Promise<number>;
  /** `length`: how much of the response was filled. */
  transmit(
    card: Handle,
    protocol: number,
    command: Uint8Array,
    response: Buffer,
  ): Promise<{ code: number; length: number }>;
  /** Null on systems without such a cache. */
  readonly readCache: ReadCache | null;
}

/**
 * SCardReadCacheW: reads an item of the resource manager's cache. **Asking with another freshness than the item's deletes the item**
 * (return-codes.ts: cacheItemStale).
 * `cardId`: the card's GUID, 16 bytes as they lie in memory; `freshness`: 0 to 0xFFFFFFFF; `length`: the item's, also where `data` is too
 * short for it (insufficientBuffer).
 */
export type ReadCache = (
  context: Handle,
  cardId: Uint8Array,
  freshness: number,
  name: string,
  data: Buffer,
) => Promise<{ code: number; length: number }>;

type TypeSpecification = Parameters<Koffi['sizeof']>[0];

const scopeSystem = 2;
const shareShared = 2;
const protocolT0orT1 = 3;

/** Far above what any system lists: pcsc-lite has at most 16 readers with names of 128 bytes. */
const readerNamesSize = 65_536;

/**
 * Loads the system's PC/SC library.
 * @throws CertPropError PcscUnavailable if there is none
 */
export async function loadWinscard(): Promise<Winscard> {
  const platform = pcscPlatform(process.platform, process.arch);
  const koffi = await loadKoffi();
  const declare = declarations(await openLibrary(koffi, platform), platform);
  const readerStateType = readerStateStructure(koffi, platform);
  const ioRequestType = ioRequestStructure(koffi, platform);
  const { dword, handle, text, textSuffix } = platform;
  const outHandle = koffi.out(koffi.pointer(handle));
  const outDword = koffi.out(koffi.pointer(dword));
  const inoutDword = koffi.inout(koffi.pointer(dword));
  const inoutReaderState = koffi.inout(koffi.pointer(readerStateType));
  const ioRequest = koffi.pointer(ioRequestType);
  const ioRequestLength = koffi.sizeof(ioRequestType);

  const establishContext = declare('SCardEstablishContext', [dword, 'void *', 'void *', outHandle]);
  const releaseContext = declare('SCardReleaseContext', [handle]);
  const listReaders = declare(`SCardListReaders${textSuffix}`, [handle, 'void *', 'void *', inoutDword]);
  const getStatusChange = declare(`SCardGetStatusChange${textSuffix}`, [
    handle,
    dword,
    inoutReaderState,
    dword,
  ]);
  const cancel = declare('SCardCancel', [handle]);
  const connect = declare(`SCardConnect${textSuffix}`, [handle, text, dword, dword, outHandle, outDword]);
  const disconnect = declare('SCardDisconnect', [handle, dword]);
  const beginTransaction = declare('SCardBeginTransaction', [handle]);
  const endTransaction = declare('SCardEndTransaction', [handle, dword]);
  const transmit = declare('SCardTransmit', [
    handle,
    ioRequest,
    'void *',
    dword,
    'void *',
    'void *',
    inoutDword,
  ]);

  const stateStructure = ({ readerName, state }: KnownReader) => ({
    szReader: readerName,
    pvUserData: null,
    dwCurrentState: state,
    dwEventState: 0,
    cbAtr: 0,
    rgbAtr: new Uint8Array(platform.atrLength),
  });

  return {
    platform,
    isServiceDisabled,
    watchService: serviceWatcher(platform.family),
    releaseContext,
    cancel,
    disconnect,
    beginTransaction,
    endTransaction,

    async establishContext() {
      const context: [Handle] = [0];
      const code = await establishContext(scopeSystem, null, null, context);
      return { code, context: context[0] };
    },

    async listReaders(context) {
      const names = Buffer.alloc(readerNamesSize);
      const unit = platform.encoding === 'utf8' ? 1 : 2;
      const length: [number] = [names.length / unit];
      const code = await listReaders(context, null, names, length);
      const filled = code === success ? names.subarray(0, length[0] * unit) : Buffer.alloc(0);
      return { code, names: parseMultiString(filled, platform.encoding) };
    },

    async getStatusChanges(context, known, milliseconds) {
      const readers = known.map(stateStructure);
      const code = await getStatusChange(context, milliseconds, readers, readers.length);
      return { code, states: readers.map((reader) => reader.dwEventState) };
    },

    async getStatusChange(context, readerName, knownState, milliseconds) {
      const reader = stateStructure({ readerName, state: knownState });
      const code = await getStatusChange(context, milliseconds, reader, 1);
      return { code, state: reader.dwEventState, atr: reader.rgbAtr.slice(0, reader.cbAtr) };
    },

    async connect(context, readerName) {
      const card: [Handle] = [0];
      const protocol: [number] = [0];
      const code = await connect(context, readerName, shareShared, protocolT0orT1, card, protocol);
      return { code, card: card[0], protocol: protocol[0] };
    },

    async transmit(card, protocol, command, response) {
      const sent = { dwProtocol: protocol, cbPciLength: ioRequestLength };
      const length: [number] = [response.length];
      const code = await transmit(card, sent, command, command.length, null, response, length);
      return { code, length: length[0] };
    },

    readCache: platform.family === 'Windows' ? cacheReader(declare, platform, inoutDword) : null,
  };
}

/** Declared when it is first needed: reading cards needs no cache. */
function cacheReader(
  declare: Declare,
  { handle, dword, text }: PcscPlatform,
  inoutDword: TypeSpecification,
): ReadCache {
  let native: NativeCall | undefined;
  return async (context, cardId, freshness, name, data) => {
    native ??= declare('SCardReadCacheW', [handle, 'void *', dword, text, 'void *', inoutDword]);
    const length: [number] = [data.length];
    const code = await native(context, cardId, freshness, name, data, length);
    return { code, length: length[0] };
  };
}

type NativeCall = (...values: readonly unknown[]) => Promise<number>;
type Declare = (name: string, parameters: TypeSpecification[]) => NativeCall;

/** Declares functions of the library, to be called off the event loop. */
function declarations(library: NativeLibrary, platform: PcscPlatform): Declare {
  /** The values of running calls: the buffers among them must live until the native code is done with them. */
  const running = new Set<readonly unknown[]>();
  return (name, parameters) => {
    const native = library.func('__stdcall', name, platform.long, parameters);
    return (...values) =>
      new Promise<number>((resolve, reject) => {
        running.add(values);
        native.async(...values, (error: Error | null, result: Handle) => {
          running.delete(values);
          if (error === null) resolve(Number(result) >>> 0);
          else reject(error);
        });
      });
  };
}

async function openLibrary(koffi: Koffi, { family, library, advice }: PcscPlatform): Promise<NativeLibrary> {
  try {
    return family === 'Windows' ? await loadSystemLibrary(library) : koffi.load(library);
  } catch (cause) {
    throw new CertPropError(
      'PcscUnavailable',
      `The PC/SC library ${library} could not be loaded. ${advice}`,
      {},
      { cause },
    );
  }
}
