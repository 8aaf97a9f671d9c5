/**
 * What the helper process says of one provider and one reader, one JSON message a line: containers, then Listed, then what is in the
 * provider's certificate stores, and problems at any time; then Done or Failed.
 */
import * as v from 'valibot';
import {
  doneMessage,
  type EndMessage,
  failedMessage,
  longestProblem,
  parseJson,
  problemText,
} from '../helper/messages.js';

/** Containers of one card; a card's container map has room for some dozens. */
export const mostContainers = 256;
/** UTF-16 units; container names have at most 39, and those that providers make up not many more. */
export const longestName = 1024;
export const longestCertificate = 0xffff;
/** An RSA key of 16,384 bits, which no card has, takes about 2,100 bytes. */
export const longestKeyBlob = 4096;
/** In one certificate store of a provider. */
export const mostStored = 256;
/** A serialized element: a certificate, and as much again for its properties. */
export const longestElement = 2 * longestCertificate;
/** Bytes of all that a helper process says. */
export const mostMessageBytes = 8 * 1024 * 1024;

const base64 = (mostBytes: number) =>
  v.pipe(v.string(), v.base64(), v.maxLength(4 * Math.ceil(mostBytes / 3)));

const containerMessage = v.strictObject({
  kind: v.literal('Container'),
  container: v.pipe(v.string(), v.minLength(1), v.maxLength(longestName)),
  /** 0 for the KSP, else 1 AT_KEYEXCHANGE or 2 AT_SIGNATURE. */
  keySpec: v.picklist([0, 1, 2]),
  /** The card's GUID in upper-case hex, as its bytes lie in memory; null where the provider gives none. */
  cardId: v.nullable(v.pipe(v.string(), v.regex(/^[0-9A-F]{32}$/u))),
  /** In base64. */
  certificate: v.nullable(base64(longestCertificate)),
  /** The exported public key in base64: see key-blob.ts. */
  keyBlob: v.nullable(base64(longestKeyBlob)),
});

/** All containers have been said: whatever happens with the stores, these are the keys that the provider has. */
const listedMessage = v.strictObject({ kind: v.literal('Listed') });

export const listed: v.InferOutput<typeof listedMessage> = { kind: 'Listed' };

/** The certificates of a card's keys, and the card's trusted roots. */
export const storeNames = ['User', 'Root'] as const;
export type StoreName = (typeof storeNames)[number];

const storedMessage = v.strictObject({
  kind: v.literal('StoreCertificate'),
  store: v.picklist(storeNames),
  /** The serialized element (CertSerializeCertificateStoreElement), with the properties that the provider gives it, in base64. */
  element: base64(longestElement),
});

/** What could not be read of one container or store; follows "the provider …". */
const problemMessage = v.strictObject({ kind: v.literal('Problem'), problem: problemText });

const message = v.variant('kind', [
  containerMessage,
  listedMessage,
  storedMessage,
  problemMessage,
  failedMessage,
  doneMessage,
]);

export type ContainerMessage = v.InferOutput<typeof containerMessage>;
export type StoredMessage = v.InferOutput<typeof storedMessage>;
export type ProviderMessage =
  | ContainerMessage
  | StoredMessage
  | v.InferOutput<typeof listedMessage>
  | v.InferOutput<typeof problemMessage>;

/** Null for anything else: a minidriver that runs in the helper process can write to its pipe. */
export function parseMessage(line: string): ProviderMessage | EndMessage | null {
  const checked = v.safeParse(message, parseJson(line));
  return checked.success ? checked.output : null;
}

export function problemWith(problem: string): ProviderMessage {
  return { kind: 'Problem', problem: problem.slice(0, longestProblem) };
}
