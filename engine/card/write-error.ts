/** What goes wrong while a card is written. */
import { CertPropError } from '../errors.js';
import type { SmartCardConnection } from '../pcsc/reader.js';
import { visible } from '../text.js';
import { statusWords } from './status-word.js';

/** 6581, memory failure, is what some cards say when they are full (ISO/IEC 7816-4:2013, table 6). */
const full: ReadonlySet<number> = new Set([statusWords.notEnoughMemory, 0x6581]);

/** Errors after which the card may have taken the last command or not. */
const interruptions: ReadonlySet<string> = new Set([
  'CardRemoved',
  'CardReset',
  'CardMute',
  'ReaderUnavailable',
]);

/** Does one write; its errors say what to do about them. @param what the object's name */
export async function writing<T>(
  card: SmartCardConnection,
  what: string,
  size: number,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw error instanceof CertPropError ? explained(card, what, size, error) : error;
  }
}

function explained(
  { readerName }: SmartCardConnection,
  what: string,
  size: number,
  error: CertPropError,
): CertPropError {
  const { id, message, details } = error;
  if (full.has(details.statusWord ?? 0)) {
    return new CertPropError(
      'CardFull',
      `The card in the reader "${visible(readerName)}" has no room for its ${what} (${String(size)} bytes). Remove a certificate that is no longer needed with Remove-CardCertificate.`,
      details,
      { cause: error },
    );
  }
  if (!interruptions.has(id)) return error;
  return new CertPropError(
    id,
    `${message} It happened while its ${what} was written: run the command again, which writes what is missing.`,
    details,
    { cause: error },
  );
}

export function notWritten({ readerName }: SmartCardConnection, what: string, cardId: string): CertPropError {
  return new CertPropError(
    'CardWriteFailed',
    `The card in the reader "${visible(readerName)}" took its new ${what}, but gives something else when it is read back. The card may be worn out.`,
    { readerName: visible(readerName), cardId },
  );
}
