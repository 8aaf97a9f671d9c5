/** What goes wrong with one object of a card, and leaves the others readable. */
import { CertPropError } from '../errors.js';
import type { UnreadableFile } from './card.js';

/** The errors that concern one object only; after any other the card can't be read further. */
const ofOneObject: ReadonlySet<string> = new Set([
  'MalformedCardData',
  'CardCommandFailed',
  'CardObjectNotFound',
]);

export function isObjectError(error: unknown): error is CertPropError {
  return error instanceof CertPropError && ofOneObject.has(error.id);
}

/** The object's value, or what is wrong with it. @throws every other error */
export async function attempt<T>(
  fileName: string,
  read: () => Promise<T>,
): Promise<{ readonly value: T } | UnreadableFile> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!isObjectError(error)) throw error;
    return { fileName, error: error.with({ file: fileName }) };
  }
}
