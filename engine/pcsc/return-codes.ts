/**
 * PC/SC's return codes, as unsigned 32-bit numbers, and what they mean to a person.
 * Sources: Windows SDK winerror.h (FACILITY_SCARD) and [MS-RDPESC] 2.2.8; pcsc-lite's pcsclite.h, which macOS shares.
 */
import { CertPropError, type ErrorId } from '../errors.js';
import { hexCode, visible } from '../text.js';
import type { PcscPlatform } from './platform.js';

export const success = 0;
export const insufficientBuffer = 0x80100008;
export const timeout = 0x8010000a;
export const cancelled = 0x80100002;
export const unknownReader = 0x80100009;
export const sharingViolation = 0x8010000b;
export const notTransacted = 0x80100016;
export const readerUnavailable = 0x80100017;
export const noService = 0x8010001d;
export const serviceStopped = 0x8010001e;
export const noReadersAvailable = 0x8010002e;
export const unresponsiveCard = 0x80100066;
export const cardWasReset = 0x80100068;
export const removedCard = 0x80100069;
/** Windows only, as is the next one: the resource manager's cache has no such item. */
export const cacheItemNotFound = 0x80100070;
/** It had the item with another freshness than was asked for; it is deleted now. */
export const cacheItemStale = 0x80100071;

type Meaning =
  | 'ServiceLost'
  | 'AccessDenied'
  | 'ReaderNotFound'
  | 'ReaderUnavailable'
  | 'ReaderBusy'
  | 'CardAbsent'
  | 'CardReset'
  | 'CardMute'
  | 'Failure';

interface ReturnCode {
  readonly name: string;
  readonly meaning: Meaning;
}

function code(name: string, meaning: Meaning = 'Failure'): ReturnCode {
  return { name, meaning };
}

const common: ReadonlyMap<number, ReturnCode> = new Map([
  [0x80100001, code('SCARD_F_INTERNAL_ERROR')],
  [cancelled, code('SCARD_E_CANCELLED')],
  [0x80100003, code('SCARD_E_INVALID_HANDLE', 'ServiceLost')],
  [0x80100004, code('SCARD_E_INVALID_PARAMETER', 'ServiceLost')],
  [0x80100005, code('SCARD_E_INVALID_TARGET')],
  [0x80100006, code('SCARD_E_NO_MEMORY')],
  [0x80100007, code('SCARD_F_WAITED_TOO_LONG')],
  [insufficientBuffer, code('SCARD_E_INSUFFICIENT_BUFFER')],
  [unknownReader, code('SCARD_E_UNKNOWN_READER', 'ReaderNotFound')],
  [timeout, code('SCARD_E_TIMEOUT')],
  [sharingViolation, code('SCARD_E_SHARING_VIOLATION', 'ReaderBusy')],
  [0x8010000c, code('SCARD_E_NO_SMARTCARD', 'CardAbsent')],
  [0x8010000d, code('SCARD_E_UNKNOWN_CARD')],
  [0x8010000e, code('SCARD_E_CANT_DISPOSE')],
  [0x8010000f, code('SCARD_E_PROTO_MISMATCH')],
  [0x80100010, code('SCARD_E_NOT_READY')],
  [0x80100011, code('SCARD_E_INVALID_VALUE')],
  [0x80100012, code('SCARD_E_SYSTEM_CANCELLED', 'ServiceLost')],
  [0x80100013, code('SCARD_F_COMM_ERROR', 'ServiceLost')],
  [0x80100014, code('SCARD_F_UNKNOWN_ERROR')],
  [0x80100015, code('SCARD_E_INVALID_ATR')],
  [notTransacted, code('SCARD_E_NOT_TRANSACTED')],
  [readerUnavailable, code('SCARD_E_READER_UNAVAILABLE', 'ReaderUnavailable')],
  [0x80100018, code('SCARD_P_SHUTDOWN', 'ServiceLost')],
  [0x80100019, code('SCARD_E_PCI_TOO_SMALL')],
  [0x8010001a, code('SCARD_E_READER_UNSUPPORTED')],
  [0x8010001b, code('SCARD_E_DUPLICATE_READER')],
  [0x8010001c, code('SCARD_E_CARD_UNSUPPORTED')],
  [noService, code('SCARD_E_NO_SERVICE', 'ServiceLost')],
  [serviceStopped, code('SCARD_E_SERVICE_STOPPED', 'ServiceLost')],
  [noReadersAvailable, code('SCARD_E_NO_READERS_AVAILABLE', 'ReaderNotFound')],
  [0x8010002f, code('SCARD_E_COMM_DATA_LOST')],
  [0x80100031, code('SCARD_E_SERVER_TOO_BUSY')],
  [0x80100065, code('SCARD_W_UNSUPPORTED_CARD', 'CardMute')],
  [unresponsiveCard, code('SCARD_W_UNRESPONSIVE_CARD', 'CardMute')],
  [0x80100067, code('SCARD_W_UNPOWERED_CARD', 'CardMute')],
  [cardWasReset, code('SCARD_W_RESET_CARD', 'CardReset')],
  [removedCard, code('SCARD_W_REMOVED_CARD', 'CardAbsent')],
  [0x8010006a, code('SCARD_W_SECURITY_VIOLATION', 'AccessDenied')],
]);

/** One number, two meanings: pcsc-lite gives SCARD_E_UNSUPPORTED_FEATURE the number of Windows' SCARD_E_UNEXPECTED. */
const pcscLite: ReadonlyMap<number, ReturnCode> = new Map([
  [0x8010001f, code('SCARD_E_UNSUPPORTED_FEATURE')],
]);

/** Windows also passes on codes of its own: winerror.h, and SCardTransmit's and SCardConnect's documentation. */
const windows: ReadonlyMap<number, ReturnCode> = new Map([
  [0x8010001f, code('SCARD_E_UNEXPECTED')],
  [0x80100022, code('SCARD_E_UNSUPPORTED_FEATURE')],
  [5, code('ERROR_ACCESS_DENIED', 'AccessDenied')],
  [6, code('ERROR_INVALID_HANDLE', 'ServiceLost')],
  [109, code('ERROR_BROKEN_PIPE', 'ServiceLost')],
  [1167, code('ERROR_DEVICE_NOT_CONNECTED', 'ReaderUnavailable')],
  [1617, code('ERROR_DEVICE_REMOVED', 'ReaderUnavailable')],
]);

/** A code's name in the system's header; a code that is in none has its number. */
export function returnCode(number: number, family: PcscPlatform['family']): ReturnCode {
  const own = family === 'Windows' ? windows : pcscLite;
  return own.get(number) ?? common.get(number) ?? code(hexCode(number, 8));
}

/** A wait for a change that ended without one: a reader was unplugged before it began, or it was cancelled. */
export function isEndOfWait(number: number): boolean {
  return number === timeout || number === cancelled || number === unknownReader;
}

export function isAccessDenied(number: number, family: PcscPlatform['family']): boolean {
  return returnCode(number, family).meaning === 'AccessDenied';
}

/** No service, or one that stopped. */
export function isWithoutService(number: number): boolean {
  return number === noService || number === serviceStopped;
}

/**
 * The error for a return code.
 * @param readerName null when no reader is concerned
 * @param phase a card that isn't there is NoCard before the work began and CardRemoved after that
 */
export function returnCodeError(
  number: number,
  platform: PcscPlatform,
  readerName: string | null,
  phase: 'Connecting' | 'Working',
): CertPropError {
  const { name, meaning } = returnCode(number, platform.family);
  const details = readerName === null ? { hresult: number } : { readerName, hresult: number };
  const [id, message] = explain(meaning, `${name}, ${hexCode(number, 8)}`, platform, readerName, phase);
  return new CertPropError(id, message, details);
}

function explain(
  meaning: Meaning,
  shown: string,
  platform: PcscPlatform,
  readerName: string | null,
  phase: 'Connecting' | 'Working',
): [ErrorId, string] {
  const reader = readerName === null ? 'the smart card readers' : `the reader '${visible(readerName)}'`;
  switch (meaning) {
    case 'ServiceLost':
      return [
        'PcscUnavailable',
        `The system's smart card service is not running, or it was restarted (${shown}). ${platform.advice}`,
      ];
    case 'AccessDenied':
      return [
        'PcscUnavailable',
        `The system denies this user or session the use of ${reader} (${shown}). ` +
          'Ask the administrator for access; over a remote session a policy (polkit on Linux) may have to allow it.',
      ];
    case 'ReaderNotFound':
      return [
        'ReaderNotFound',
        `Could not find ${reader}. Plug it in, or list the readers to see their names.`,
      ];
    case 'ReaderUnavailable':
      return [
        'ReaderUnavailable',
        `Lost contact with ${reader} (${shown}). Plug it in again, then try again.`,
      ];
    case 'ReaderBusy':
      return ['ReaderBusy', busyMessage(reader)];
    case 'CardAbsent':
      return phase === 'Connecting'
        ? ['NoCard', `There is no card in ${reader}. Insert the card, then try again.`]
        : ['CardRemoved', `The card was removed from ${reader}. Insert it again, then try again.`];
    case 'CardReset':
      return [
        'CardReset',
        `Another program reset the card in ${reader} during the work. Close that program, then try again.`,
      ];
    case 'CardMute':
      return [
        'CardMute',
        `The card in ${reader} does not answer (${shown}). Check which way round it is inserted, clean its contacts, then try again.`,
      ];
    case 'Failure':
      return [
        'PcscFailure',
        `PC/SC failed with ${reader} (${shown}). Insert the card again, then try again.`,
      ];
  }
}

/** Somebody kept the reader for longer than CertProp waits. */
export function readerBusy(readerName: string): CertPropError {
  return new CertPropError('ReaderBusy', busyMessage(`the reader '${visible(readerName)}'`), { readerName });
}

function busyMessage(reader: string): string {
  return (
    `Another program, or an earlier command, holds the card in ${reader}. ` +
    'Close that program or wait until it is done, then try again; a card that has stopped answering has to be inserted again.'
  );
}
