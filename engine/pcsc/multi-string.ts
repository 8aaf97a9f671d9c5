/** Multi-strings: each string ends with a zero, the list with an empty string (winscard.h, SCardListReaders). */

/** Reads a multi-string within its bytes, whether or not it is terminated. */
export function parseMultiString(bytes: Buffer, encoding: 'utf8' | 'utf16le'): string[] {
  const strings = bytes.toString(encoding).split('\0');
  const end = strings.indexOf('');
  return end === -1 ? strings : strings.slice(0, end);
}
