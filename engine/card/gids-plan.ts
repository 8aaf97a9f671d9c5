/**
 * What has to be written to change a GIDS card, in its order. The counters come first, so that whoever has copies of the card's contents
 * reads it anew whenever it is pulled in between; a file's content comes before its name, so that no name leads to nothing.
 */
import { CertPropError } from '../errors.js';
import { containerMapName, directories, masterFilePlace } from './gids-application.js';
import type { ObjectPlace } from './gids-data.js';
import { addRecord, findFile, parseMasterFile, removeRecord } from './gids-master-file.js';
import { encodeCardcf, increment, type CacheCounters } from './minidriver/cardcf.js';
import { encodeContainerMap, type ContainerMapRecord } from './minidriver/cmapfile.js';

/** What the card has. */
export interface GidsState {
  readonly masterFile: Uint8Array;
  readonly counters: CacheCounters;
}

/** A file of the minidriver's directory; without content it is removed. */
export interface FileChange {
  readonly name: string;
  readonly content: Uint8Array | null;
}

export interface GidsChange {
  /** Null: stays as it is. */
  readonly containerMap: readonly ContainerMapRecord[] | null;
  readonly file: FileChange | null;
}

export interface GidsWrite {
  /** The object's name in messages. */
  readonly what: string;
  readonly place: ObjectPlace;
  /** Empty: the object is deleted. */
  readonly bytes: Uint8Array;
}

export interface GidsPlan {
  /** None where nothing changes. */
  readonly writes: readonly GidsWrite[];
  readonly before: CacheCounters;
  readonly after: CacheCounters;
}

/** Everyone reads, the user's PIN writes. */
const userFile = 0xa010;
const firstFileTag = 0xdf21;
/** The last tag of two bytes that begins with DF (ISO/IEC 8825-1:2021, 8.1.2.4.2). */
const lastFileTag = 0xdf7f;

/** @throws CertPropError CardObjectNotFound without cardcf, CardFull, MalformedCardData */
export function planWrites({ masterFile, counters: before }: GidsState, change: GidsChange): GidsPlan {
  const { containerMap, file } = change;
  if (containerMap === null && file === null) return { writes: [], before, after: before };
  const after = raised(before, containerMap !== null);
  const map = containerMap && { name: containerMapName, content: encodeContainerMap(containerMap) };
  const writes = [countersWrite(masterFile, after)];
  let table = masterFile;
  for (const one of [map, file]) {
    if (one === null) continue;
    const step = fileWrites(table, one);
    table = step.table;
    writes.push(...step.writes);
  }
  return { writes, before, after };
}

/** The container map is a file too. */
function raised(counters: CacheCounters, containersChange: boolean): CacheCounters {
  const { containersFreshness, filesFreshness } = counters;
  return {
    ...counters,
    containersFreshness: containersChange ? increment(containersFreshness) : containersFreshness,
    filesFreshness: increment(filesFreshness),
  };
}

function countersWrite(table: Uint8Array, counters: CacheCounters): GidsWrite {
  const place = findFile(parseMasterFile(table), directories.root, 'cardcf');
  if (place === null) throw new CertPropError('CardObjectNotFound', 'The card has no file cardcf.');
  return { what: 'file cardcf', place, bytes: encodeCardcf(counters) };
}

function fileWrites(
  table: Uint8Array,
  { name, content }: FileChange,
): { table: Uint8Array; writes: GidsWrite[] } {
  const known = findFile(parseMasterFile(table), directories.minidriver, name.toLowerCase());
  if (content === null) return known === null ? { table, writes: [] } : removal(table, name, known);
  if (known !== null) return { table, writes: [objectWrite(name, known, content)] };
  const place = { efid: userFile, tag: freeTag(table) };
  const longer = addRecord(table, { directory: directories.minidriver, name, ...place });
  return { table: longer, writes: [objectWrite(name, place, content), tableWrite(longer)] };
}

/** The name goes first: what it led to is nobody's then, and its place is taken by the next new file. */
function removal(
  table: Uint8Array,
  name: string,
  place: ObjectPlace,
): { table: Uint8Array; writes: GidsWrite[] } {
  const shorter = removeRecord(table, directories.minidriver, name.toLowerCase());
  return { table: shorter, writes: [tableWrite(shorter), objectWrite(name, place, new Uint8Array())] };
}

function objectWrite(name: string, { efid, tag }: ObjectPlace, bytes: Uint8Array): GidsWrite {
  return { what: `file ${name}`, place: { efid, tag }, bytes };
}

function tableWrite(table: Uint8Array): GidsWrite {
  return { what: 'table of files', place: masterFilePlace, bytes: table };
}

function freeTag(table: Uint8Array): number {
  const taken = new Set(
    parseMasterFile(table)
      .filter(({ efid }) => efid === userFile)
      .map(({ tag }) => tag),
  );
  for (let tag = firstFileTag; tag <= lastFileTag; tag++) if (!taken.has(tag)) return tag;
  throw new CertPropError(
    'CardFull',
    'The card has no place for another file. Remove a certificate with Remove-CardCertificate.',
  );
}
