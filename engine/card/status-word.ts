/** Status words: what a card says of a command (ISO/IEC 7816-4:2013, 5.6, tables 5 to 7). */
import { CertPropError, type ErrorDetails } from '../errors.js';
import { hexCode, visible } from '../text.js';

export const statusWords = {
  ok: 0x9000,
  wrongLength: 0x6700,
  commandChainingNotSupported: 0x6884,
  securityStatusNotSatisfied: 0x6982,
  authenticationMethodBlocked: 0x6983,
  referenceDataNotUsable: 0x6984,
  conditionsNotSatisfied: 0x6985,
  commandNotAllowed: 0x6986,
  incorrectData: 0x6a80,
  functionNotSupported: 0x6a81,
  fileNotFound: 0x6a82,
  notEnoughMemory: 0x6a84,
  incorrectParameters: 0x6a86,
  referencedDataNotFound: 0x6a88,
  wrongParameters: 0x6b00,
  instructionNotSupported: 0x6d00,
  classNotSupported: 0x6e00,
  noPreciseDiagnosis: 0x6f00,
} as const;

const meanings: ReadonlyMap<number, string> = new Map([
  [statusWords.wrongLength, 'wrong length'],
  [statusWords.commandChainingNotSupported, 'command chaining not supported'],
  [statusWords.securityStatusNotSatisfied, 'not allowed without the PIN or key that protects it'],
  [statusWords.authenticationMethodBlocked, 'the PIN or key is blocked'],
  [statusWords.referenceDataNotUsable, 'the data referred to cannot be used'],
  [statusWords.conditionsNotSatisfied, 'conditions of use not satisfied'],
  [statusWords.commandNotAllowed, 'command not allowed'],
  [statusWords.incorrectData, 'incorrect command data'],
  [statusWords.functionNotSupported, 'function not supported'],
  [statusWords.fileNotFound, 'file or application not found'],
  [statusWords.notEnoughMemory, 'not enough memory on the card'],
  [statusWords.incorrectParameters, 'incorrect parameters'],
  [statusWords.referencedDataNotFound, 'data object not found'],
  [statusWords.wrongParameters, 'wrong parameters'],
  [statusWords.instructionNotSupported, 'command not supported'],
  [statusWords.classNotSupported, 'command class not supported'],
  [statusWords.noPreciseDiagnosis, 'the card gives no reason'],
]);

/** The tries left in a `63Cx` status word (ISO/IEC 7816-4:2013, table 6), null for any other. */
export function triesLeftIn(statusWord: number): number | null {
  return (statusWord & 0xfff0) === 0x63c0 ? statusWord & 0x0f : null;
}

/** A status word in words. */
export function describeStatusWord(statusWord: number): string {
  const triesLeft = triesLeftIn(statusWord);
  if (triesLeft !== null) return `verification failed, ${String(triesLeft)} tries left`;
  const meaning = meanings.get(statusWord);
  if (meaning !== undefined) return meaning;
  switch (statusWord >> 8) {
    case 0x62:
    case 0x63:
      return 'warning';
    case 0x64:
    case 0x65:
      return 'the card failed while carrying out the command';
    case 0x69:
      return 'command not allowed';
    default:
      return 'unknown status word';
  }
}

/** CardCommandFailed for a refused command. `action` completes "refused to …". */
export function commandFailed(
  outsideReaderName: string,
  statusWord: number,
  action: string,
  details: ErrorDetails = {},
): CertPropError {
  const readerName = visible(outsideReaderName);
  const reason = `${describeStatusWord(statusWord)} (${hexCode(statusWord, 4)})`;
  return new CertPropError(
    'CardCommandFailed',
    `The card in the reader "${readerName}" refused to ${action}: ${reason}.`,
    { ...details, readerName, statusWord },
  );
}
