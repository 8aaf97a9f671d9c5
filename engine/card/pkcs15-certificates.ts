/** The certificates that a PKCS #15 card lists: those of its keys and of other people, and those of authorities. */
import { CertPropError } from '../errors.js';
import type { CardCertificateFile, UnreadableFile } from './card.js';
import type { Pkcs15 } from './pkcs15-application.js';
import { tags } from './pkcs15-asn1.js';
import { directoryTags, parseCertificateObject, type ListedCertificate } from './pkcs15-directory.js';
import { readValue, spoilt, type ListObjects } from './pkcs15-objects.js';
import { keySpecOf, type ListedPrivateKeys } from './pkcs15-private-keys.js';
import { readDataObject } from './tlv.js';

export interface Pkcs15Contents {
  readonly pkcs15: Pkcs15;
  readonly list: ListObjects;
  /** The card is asked the first time only. */
  readonly privateKeys: () => Promise<ListedPrivateKeys>;
}

interface CertificateEntry {
  readonly certificate: ListedCertificate;
  /** In a directory of certificates that the holder trusts. */
  readonly isTrusted: boolean;
  readonly name: string;
}

/** The holder's own first. */
const certificateTags: readonly number[] = [
  directoryTags.certificates,
  directoryTags.trustedCertificates,
  directoryTags.usefulCertificates,
];

/**
 * The certificates of the card's keys, and others that are not an authority's.
 * @throws all that `transmit` throws
 */
export async function* readCertificates(
  contents: Pkcs15Contents,
): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  let keys: ListedPrivateKeys | null = null;
  for await (const entry of certificateEntries(contents)) {
    if ('error' in entry) {
      yield entry;
      continue;
    }
    keys ??= await contents.privateKeys();
    if (!isRoot(entry, keys)) yield readEntry(contents, entry, keyAttributes(entry, keys));
  }
  yield* keys?.problems ?? [];
}

/**
 * The certificates without a key that the card marks as an authority's (OpenSC's minidriver shows Windows these as msroots), or lists
 * as trusted.
 * @throws all that `transmit` throws
 */
export async function* readRoots(
  contents: Pkcs15Contents,
): AsyncGenerator<CardCertificateFile | UnreadableFile> {
  const attributes = { slot: null, keySpec: null, key: 'None', isRoot: true } as const;
  for await (const entry of certificateEntries(contents)) {
    if ('error' in entry) continue;
    if (isRoot(entry, await contents.privateKeys())) yield readEntry(contents, entry, attributes);
  }
}

async function* certificateEntries({
  pkcs15,
  list,
}: Pkcs15Contents): AsyncGenerator<CertificateEntry | UnreadableFile> {
  for (const tag of certificateTags) {
    const isTrusted = tag === directoryTags.trustedCertificates;
    for (const directory of pkcs15.directories.filter((candidate) => candidate.tag === tag)) {
      const entries = await list(directory, (object) => parseCertificateObject(object, pkcs15.path));
      for (const entry of entries) {
        yield 'error' in entry ? entry : { certificate: entry.object, isTrusted, name: entry.name };
      }
    }
  }
}

function isRoot({ certificate, isTrusted }: CertificateEntry, { keys }: ListedPrivateKeys): boolean {
  return (certificate.isAuthority || isTrusted) && !keys.some(({ id }) => id === certificate.id);
}

type KeyAttributes = Pick<CardCertificateFile, 'slot' | 'keySpec' | 'key' | 'isRoot'>;

/** Where not all keys are listed, a certificate is taken to have one. */
function keyAttributes({ certificate: { id } }: CertificateEntry, keys: ListedPrivateKeys): KeyAttributes {
  const key = keys.keys.find((candidate) => candidate.id === id);
  const keySpec = key === undefined ? 'KeyExchange' : keySpecOf(key);
  const hasKey = key !== undefined || !keys.areAll;
  return { slot: hasKey ? id : null, keySpec, key: hasKey ? 'Unnamed' : 'None', isRoot: false };
}

async function readEntry(
  { pkcs15 }: Pkcs15Contents,
  { certificate: { label, value }, name }: CertificateEntry,
  attributes: KeyAttributes,
): Promise<CardCertificateFile | UnreadableFile> {
  const fileName = 'place' in value ? placeName(value.place) : name;
  try {
    const certificate = firstSequence(await readValue(pkcs15, value));
    return { fileName, certificate, label, container: null, ...attributes };
  } catch (error) {
    return { fileName, error: spoilt(error) };
  }
}

/** `50154301`, and `50154301@512` for one of several in a file. */
function placeName({ path, offset }: { readonly path: string; readonly offset: number }): string {
  return offset === 0 ? path : `${path}@${String(offset)}`;
}

/** A certificate's DER without what fills the file. */
function firstSequence(bytes: Uint8Array): Uint8Array {
  const { object, end } = readDataObject(bytes, 0);
  if (object.tag === tags.sequence) return Uint8Array.from(bytes.subarray(0, end));
  throw new CertPropError('MalformedCardData', 'The file does not begin with a certificate.');
}
