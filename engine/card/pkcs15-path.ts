/** Where a PKCS #15 object lies: Path (PKCS #15 v1.1, 6.1.6; ISO/IEC 7816-15:2016, 8.2.5). */
import { hex } from '../text.js';
import { integer, tags } from './pkcs15-asn1.js';
import { findValue, parseDataObjects } from './tlv.js';

/**
 * Files are named by their identifiers from the master file down, four upper-case hex digits each, without the master file's own:
 * `50155031` is 3F00/5015/5031.
 */
export type FilePath = string;

export interface Place {
  readonly path: FilePath;
  /** In bytes from the file's beginning. */
  readonly offset: number;
  /** In bytes; null for the rest of the file, of which only the first object is meant. */
  readonly length: number | null;
}

const identifierDigits = 4;
/** OpenSC's cards use three identifiers, ISO's longest examples four. */
const longestPath = 8 * identifierDigits;
const masterFile = '3F00';
/** Stands for the current application (ISO/IEC 7816-4:2013, 7.3.2). */
const currentApplication = '3FFF';
const lengthTag = 0x80;

/**
 * The path that a card gives: from the master file, or from the application's own file.
 * @returns null for one that names no file
 */
export function filePath(given: Uint8Array, application: FilePath): FilePath | null {
  const digits = hex(given);
  if (digits.length === 0 || digits.length % identifierDigits !== 0) return null;
  const prefix = digits.slice(0, identifierDigits);
  const rest = digits.slice(identifierDigits);
  const path = prefix === masterFile ? rest : application + (prefix === currentApplication ? rest : digits);
  return path.length <= longestPath ? path : null;
}

/**
 * @param value a Path's content
 * @throws CertPropError MalformedCardData
 */
export function parsePlace(value: Uint8Array, application: FilePath): Place | null {
  const parts = parseDataObjects(value);
  const given = findValue(parts, tags.octetString);
  const path = given === null ? null : filePath(given, application);
  if (path === null || path === '') return null;
  const offset = integer(findValue(parts, tags.integer));
  const length = integer(findValue(parts, lengthTag));
  // Index and length come together or not at all.
  return offset === null || length === null ? { path, offset: 0, length: null } : { path, offset, length };
}

export function parentOf(path: FilePath): FilePath {
  return path.slice(0, -identifierDigits);
}

/** The file identifiers on the way from one file to one below it. */
export function identifiersBetween(from: FilePath, to: FilePath): string[] {
  return to.slice(from.length).match(/.{4}/g) ?? [];
}
