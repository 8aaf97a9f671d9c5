import type { AsnType } from 'asn1js';
import { hex } from '../text.js';
import { textOf } from './asn1.js';

/** Attribute labels as Windows writes them (CertNameToStr, CERT_X500_NAME_STR). */
const labels: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'S',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'T',
  '2.5.4.42': 'G',
  '2.5.4.43': 'I',
  '2.5.4.46': 'dnQualifier',
  '1.2.840.113549.1.9.1': 'E',
  '0.9.2342.19200300.100.1.25': 'DC',
};

/** One attribute; several in a row of the outer list stand for a name's parts, several in an inner one for a multi-valued part. */
export interface NameAttribute {
  /** Dotted object identifier. */
  readonly type: string;
  /** As `attributeText` gives it. */
  readonly text: string;
}

/**
 * A name as Windows and .NET show it in `Subject`: the most specific part first, parts joined with `, `, attributes of one part
 * with ` + `, values quoted where they hold a separator.
 * @param parts in the certificate's order (RFC 5280 section 4.1.2.4)
 */
export function formatName(parts: readonly (readonly NameAttribute[])[]): string {
  return [...parts]
    .reverse()
    .map((part) => part.map(formatAttribute).join(' + '))
    .join(', ');
}

function formatAttribute({ type, text }: NameAttribute): string {
  return `${labels[type] ?? `OID.${type}`}=${quote(text)}`;
}

/** A string's text; of other values the bytes in hex. */
export function attributeText(value: AsnType): string {
  return textOf(value) ?? `#${hex(new Uint8Array(value.valueBeforeDecodeView))}`;
}

function quote(text: string): string {
  return /^$|^\s|\s$|[,+="\n<>#;]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
