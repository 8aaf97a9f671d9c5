import { TaskError } from '../helper/task.js';
import { hexCode } from '../text.js';

/** What a provider did wrong, as the part of a sentence that follows "the provider …". */
export class ProviderError extends TaskError {
  override readonly name = 'ProviderError';
  /** The function's status, an unsigned 32-bit number; null if it isn't that a function failed. */
  readonly code: number | null;

  constructor(message: string, code: number | null = null) {
    super(message);
    this.code = code;
  }

  /** @param status negative ones are taken as the unsigned number of the same bits */
  static ofFunction(name: string, status: number): ProviderError {
    const code = status >>> 0;
    return new ProviderError(`failed in ${name} (${hexCode(code, 8)})`, code);
  }
}

/** A handle that a function has put out with its length. @throws ProviderError for none, or another length than a handle's */
export function requireHandle<T extends number | bigint>(
  name: string,
  handle: T,
  length: number,
  handleBytes: number,
): T {
  if (length !== handleBytes)
    throw new ProviderError(`claims ${length} bytes in ${name}; a handle has ${handleBytes}`);
  if (Number(handle) === 0) throw new ProviderError(`gives no handle in ${name}`);
  return handle;
}

/** winerror.h: there is no card, or none that a minidriver is there for. */
const withoutCard: ReadonlySet<number> = new Set([
  0x80100009, // SCARD_E_UNKNOWN_READER
  0x8010000c, // SCARD_E_NO_SMARTCARD
  0x8010000d, // SCARD_E_UNKNOWN_CARD
  0x8010001c, // SCARD_E_CARD_UNSUPPORTED
  0x8010002e, // SCARD_E_NO_READERS_AVAILABLE
  0x80100065, // SCARD_W_UNSUPPORTED_CARD
  0x80100069, // SCARD_W_REMOVED_CARD
  0x80090016, // NTE_BAD_KEYSET
]);

/** winerror.h: what was asked for is not there. */
const withoutValue: ReadonlySet<number> = new Set([
  0x8009000a, // NTE_BAD_TYPE: the Base CSP's or KSP's word for a property that it does not have
  0x8009000d, // NTE_NO_KEY
  0x80090011, // NTE_NOT_FOUND
  0x80090029, // NTE_NOT_SUPPORTED
  0x80100023, // SCARD_E_DIR_NOT_FOUND
  0x80100024, // SCARD_E_FILE_NOT_FOUND
  0x8010002c, // SCARD_E_NO_SUCH_CERTIFICATE
]);

export function isWithoutCard(error: unknown): boolean {
  return error instanceof ProviderError && error.code !== null && withoutCard.has(error.code);
}

/** The step's value, null where there is none. @throws ProviderError */
export function ifThere<T>(step: () => T): T | null {
  try {
    return step();
  } catch (error) {
    if (error instanceof ProviderError && error.code !== null && withoutValue.has(error.code)) return null;
    throw error;
  }
}
