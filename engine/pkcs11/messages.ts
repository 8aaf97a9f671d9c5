/** What the helper process says: one JSON message a line, bounded, in this order: tokens, then Done or Failed. */
import * as v from 'valibot';
import { doneMessage, type EndMessage, failedMessage, parseJson, problemText } from '../helper/messages.js';

/** The bytes of all that is read from a module's tokens. */
export const mostBytes = 8 * 1024 * 1024;
/** The bytes of all that a helper process says: what was read, in base64 and with its quotes. */
export const mostMessageBytes = 2 * mostBytes;

/** A text of PKCS #11's structures and short attributes, in bytes. */
export const longestText = 1024;
export const longestCertificate = 0xffff;
/** Objects of one class on one token. */
export const mostObjects = 1000;

const text = v.pipe(v.string(), v.maxLength(longestText));

const certificateMessage = v.strictObject({
  /** CKA_LABEL, empty without one. */
  label: text,
  /** CKA_ID in upper-case hex, empty without one. */
  id: v.pipe(v.string(), v.regex(/^(?:[0-9A-F]{2})*$/), v.maxLength(2 * longestText)),
  /** CKA_VALUE in base64. */
  value: v.pipe(v.string(), v.base64(), v.maxLength(2 * longestCertificate)),
  hasKey: v.boolean(),
});

const tokenMessage = v.strictObject({
  kind: v.literal('Token'),
  slotDescription: text,
  label: text,
  serialNumber: text,
  manufacturer: text,
  model: text,
  certificates: v.pipe(v.array(certificateMessage), v.maxLength(mostObjects)),
  /** What could not be read; each follows "the module …". */
  problems: v.pipe(v.array(problemText), v.maxLength(mostObjects + 10)),
});

const message = v.variant('kind', [tokenMessage, failedMessage, doneMessage]);

export type CertificateMessage = v.InferOutput<typeof certificateMessage>;
export type TokenMessage = v.InferOutput<typeof tokenMessage>;

/** Null for anything else: a module that runs in the helper process can write to its pipe. */
export function parseMessage(line: string): TokenMessage | EndMessage | null {
  const checked = v.safeParse(message, parseJson(line));
  return checked.success ? checked.output : null;
}
