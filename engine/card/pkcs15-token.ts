/** TokenInfo, what a PKCS #15 card says of itself (PKCS #15 v1.1, 6.9; ISO/IEC 7816-15:2016, 8.10). */
import { firstSequence, objectsOf, tags, text } from './pkcs15-asn1.js';
import { hex } from '../text.js';
import { findValue, parseDataObjects, type DataObject } from './tlv.js';

export interface TokenInfo {
  /** Upper-case hex; null where the card has none, or only zeros: OpenSC writes those when it is given no number. */
  readonly serialNumber: string | null;
  /** Outside text. */
  readonly manufacturer: string | null;
  /** Outside text. */
  readonly label: string | null;
}

export const noTokenInfo: TokenInfo = { serialNumber: null, manufacturer: null, label: null };

const labelTag = 0x80;
/** Some cards tag the label explicitly. */
const explicitLabelTag = 0xa0;
const longestManufacturer = 32;

/** @throws CertPropError MalformedCardData */
export function parseTokenInfo(file: Uint8Array): TokenInfo {
  const fields = firstSequence(objectsOf(file)) ?? [];
  const serialNumber = findValue(fields, tags.octetString);
  return {
    serialNumber: serialNumber?.some((byte) => byte !== 0) ? hex(serialNumber) : null,
    manufacturer: text(findValue(fields, tags.utf8String)),
    label: text(findValue(fields, labelTag) ?? explicitLabel(fields)),
  };
}

/**
 * The serial number and, because each maker counts for itself, the manufacturer: `0102AB-AVENTRA_LTD`. What is neither letter nor digit
 * in the manufacturer's name becomes one underscore.
 */
export function cardIdFrom(serialNumber: string, manufacturer: string | null): string {
  const maker = (manufacturer ?? '')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
    .slice(0, longestManufacturer);
  return maker === '' ? serialNumber : `${serialNumber}-${maker}`;
}

function explicitLabel(fields: readonly DataObject[]): Uint8Array | null {
  const label = findValue(fields, explicitLabelTag);
  return label === null ? null : findValue(parseDataObjects(label), tags.utf8String);
}
