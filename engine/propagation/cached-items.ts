/**
 * What Windows may have in its cache of a GIDS card, and how that compares with what the card says.
 *
 * The items' names come from Devolutions' sspi-rs. **Which freshness counter Windows gives an item is specified nowhere.** The one taken
 * here is the counter that says of the item's own subject whether it changed: the containers' for the container map, the files' for
 * certificate files, and for a copy of a counter that counter itself.
 */
import type { CacheCounters } from '../card/minidriver/cardcf.js';
import { parseCachedItem } from '../card/minidriver/cached-item.js';
import { decodeCertificateFile } from '../card/minidriver/certificate-file.js';
import { CertPropError } from '../errors.js';
import type { CacheAnswer, CacheQuestion } from '../provider/card-cache.js';

export type CounterField = 'pinsFreshness' | 'containersFreshness' | 'filesFreshness';

/** One thing that Windows may have a copy of. */
export interface CachedName {
  readonly name: string;
  /** The counter whose value is asked with. */
  readonly counter: CounterField;
  /** The card's file that the item is a copy of; null for the copy of the counter. */
  readonly fileName: string | null;
}

/** `Stale`: Windows had a copy with another freshness, and asking for it deleted it. */
export type CacheState = 'Same' | 'Differs' | 'NotCached' | 'Stale';

export interface Comparison {
  readonly state: CacheState;
  /** The copy's length in bytes, with its header; null without one. */
  readonly length: number | null;
  /** A sentence. */
  readonly detail: string;
}

/** What the card says: a counter, or a file's bytes (null: the card has no such file). */
export type OnCard =
  | { readonly kind: 'Counter'; readonly value: number }
  | { readonly kind: 'File'; readonly bytes: Uint8Array | null };

const containerMap = 'cmapfile';
const ownFolder = 'Cached_CardmodFile\\';

/** @param certificateFiles the names of the card's certificate files: `kxc00`, `ksc01` */
export function cachedNames(certificateFiles: readonly string[]): readonly CachedName[] {
  return [
    { name: `${ownFolder}Cached_Pin_Freshness`, counter: 'pinsFreshness', fileName: null },
    { name: `${ownFolder}Cached_Container_Freshness`, counter: 'containersFreshness', fileName: null },
    { name: `${ownFolder}Cached_File_Freshness`, counter: 'filesFreshness', fileName: null },
    { name: `${ownFolder}Cached_CMAPFile`, counter: 'containersFreshness', fileName: containerMap },
    { name: generalFile(containerMap), counter: 'containersFreshness', fileName: containerMap },
    ...certificateFiles.map((fileName) => ({
      ...{ name: generalFile(fileName), fileName },
      counter: 'filesFreshness' as const,
    })),
  ];
}

function generalFile(fileName: string): string {
  return `Cached_GeneralFile/mscp/${fileName}`;
}

export function questionAbout({ name, counter }: CachedName, counters: CacheCounters): CacheQuestion {
  return { name, freshness: counters[counter] };
}

export function compare(onCard: OnCard, freshness: number, answer: CacheAnswer): Comparison {
  switch (answer.kind) {
    case 'NotFound':
      return { state: 'NotCached', length: null, detail: 'Windows has no copy.' };
    case 'Stale':
      return {
        ...{ state: 'Stale', length: null },
        detail: `Windows had a copy, but not of freshness ${freshness}. Asking for it has deleted it.`,
      };
    case 'Found':
      return { length: answer.length, ...compareFound(onCard, answer.value) };
  }
}

type Found = Pick<Comparison, 'state' | 'detail'>;

function compareFound(onCard: OnCard, value: Uint8Array | null): Found {
  if (value === null) return differs("Windows' copy is longer than any file of a card.");
  const { data, counters } = parseCachedItem(value);
  const found =
    onCard.kind === 'Counter' ? compareCounter(onCard.value, data) : compareFile(onCard.bytes, data);
  if (counters === null) return found;
  const { pinsFreshness, containersFreshness, filesFreshness } = counters;
  const made = `It was made when the counters were ${pinsFreshness} (PINs), ${containersFreshness} (containers) and ${filesFreshness} (files).`;
  return { ...found, detail: `${found.detail} ${made}` };
}

/** A copy of a counter is its number, little-endian, in one or two bytes. */
function compareCounter(counter: number, data: Uint8Array): Found {
  if (data.length !== 1 && data.length !== 2)
    return differs(`Windows' copy has ${data.length} bytes, where a counter has one or two.`);
  const copy = (data[0] ?? 0) | ((data[1] ?? 0) << 8);
  return copy === counter
    ? same(`Windows' copy is ${copy}, as on the card.`)
    : differs(`Windows' copy is ${copy}; on the card the counter is ${counter}.`);
}

function compareFile(bytes: Uint8Array | null, data: Uint8Array): Found {
  if (bytes === null) return differs('Windows has a copy of a file that the card does not have.');
  if (Buffer.compare(bytes, data) === 0) return same("Windows' copy is the card's file, byte for byte.");
  const certificate = certificateIn(bytes);
  const copy = certificateIn(data);
  return certificate !== null && copy !== null && Buffer.compare(certificate, copy) === 0
    ? same("Windows' copy is another file, but of the same certificate.")
    : differs(`Windows' copy (${data.length} bytes) is not what the card has (${bytes.length} bytes).`);
}

/** Null for what is no certificate file. */
function certificateIn(file: Uint8Array): Uint8Array | null {
  try {
    return decodeCertificateFile(file);
  } catch (error) {
    if (error instanceof CertPropError) return null;
    throw error;
  }
}

function same(detail: string): Found {
  return { state: 'Same', detail };
}

function differs(detail: string): Found {
  return { state: 'Differs', detail };
}
