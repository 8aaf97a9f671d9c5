/**
 * `mscp/msroots`, the trusted roots: a PKCS #7 SignedData that holds certificates only (RFC 5652, 5.1;
 * Windows Smart Card Minidriver Specification v7.07, File System Requirements).
 *
 * The certificates are cut out of the encoded bag: an object model of them would encode them anew, with other bytes,
 * and would give up the whole bag for one certificate it doesn't understand.
 */
import type { BaseBlock, Constructed, Sequence } from 'asn1js';
import { CertPropError } from '../../errors.js';
import { encodeDataObject } from '../tlv.js';

type Asn1 = typeof import('asn1js');
type Block = BaseBlock | Sequence | Constructed;

const signedDataId = '1.2.840.113549.1.7.2';

/** The object identifiers 1.2.840.113549.1.7.2 (SignedData) and 1.2.840.113549.1.7.1 (data), encoded. */
const signedDataIdentifier = Uint8Array.of(0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2);
const dataIdentifier = Uint8Array.of(0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1);

/** What a card can hold at most, as for every other object. */
const largestBag = 65536;
const limits = { maxDepth: 64, maxNodes: 65536, maxContentLength: largestBag, parseEmbedded: false };

const contextSpecific = 3;

/**
 * The certificates' DER, byte for byte as in the bag; none for an empty file.
 * @throws CertPropError MalformedCardData
 */
export async function parseRoots(bytes: Uint8Array): Promise<Uint8Array[]> {
  if (bytes.length === 0) return [];
  if (bytes.length > largestBag) throw malformed('it is larger than 64 KiB');
  const asn1 = await import('asn1js');
  const contentInfo = decode(asn1, bytes);
  const [contentType, content] = children(asn1, contentInfo);
  if (!(contentType instanceof asn1.ObjectIdentifier) || contentType.getValue() !== signedDataId) {
    throw malformed('it is no PKCS #7 SignedData');
  }
  const signedData = children(asn1, content)[0];
  const certificates = children(asn1, signedData).find((field) => isContextTag(field, 0));
  if (certificates === undefined) return [];
  return children(asn1, certificates).map((certificate) => {
    if (!(certificate instanceof asn1.Sequence))
      throw malformed('it holds something other than certificates');
    return Uint8Array.from(certificate.valueBeforeDecodeView);
  });
}

/**
 * A bag of certificates (DER), in the given order.
 * @throws CertPropError MalformedCardData if it grows larger than 64 KiB
 */
export function encodeRoots(certificates: readonly Uint8Array[]): Uint8Array {
  const signedData = constructed(0x30, [
    Uint8Array.of(0x02, 1, 1), // version 1
    constructed(0x31, []), // digestAlgorithms
    constructed(0x30, [dataIdentifier]), // encapContentInfo without content
    constructed(0xa0, certificates),
    constructed(0x31, []), // signerInfos
  ]);
  const bytes = constructed(0x30, [signedDataIdentifier, constructed(0xa0, [signedData])]);
  if (bytes.length > largestBag) throw malformed('it would be larger than 64 KiB');
  return bytes;
}

function constructed(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  return encodeDataObject(tag, Buffer.concat(parts));
}

function decode(asn1: Asn1, bytes: Uint8Array): Block {
  try {
    const { offset, result } = asn1.fromBER(bytes, limits);
    if (offset !== bytes.length) throw malformed('its encoding is damaged');
    return result;
  } catch (error) {
    if (error instanceof CertPropError) throw error;
    throw malformed('its encoding is damaged', error);
  }
}

/** The parts of a constructed value. */
function children(asn1: Asn1, block: Block | undefined): Block[] {
  if (!(block instanceof asn1.Constructed)) throw malformed('it is no PKCS #7 SignedData');
  return block.valueBlock.value;
}

function isContextTag(block: Block, tagNumber: number): boolean {
  return block.idBlock.tagClass === contextSpecific && block.idBlock.tagNumber === tagNumber;
}

function malformed(problem: string, cause?: unknown): CertPropError {
  return new CertPropError(
    'MalformedCardData',
    `The list of trusted roots is damaged: ${problem}.`,
    { file: 'msroots' },
    cause === undefined ? {} : { cause },
  );
}
