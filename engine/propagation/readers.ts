/** Which readers a request means. */
import { CertPropError } from '../errors.js';
import type { ReaderInfo } from '../pcsc/reader.js';
import { hex, visible } from '../text.js';
import { fits, hasWildcard } from './wildcard.js';

export interface SelectedReader {
  readonly reader: ReaderInfo;
  /** Named letter for letter: then an empty reader or an unknown card is an error, otherwise a remark. */
  readonly named: boolean;
}

export interface ReaderSelection {
  readonly selected: readonly SelectedReader[];
  /** Names that no reader has. */
  readonly errors: readonly CertPropError[];
}

/**
 * The readers that fit any of the patterns (names as shown; PowerShell wildcards), or all of them for null.
 * A pattern that is some reader's very name means only that reader.
 */
export function selectReaders(
  readers: readonly ReaderInfo[],
  patterns: readonly string[] | null,
): ReaderSelection {
  if (patterns === null) return { selected: readers.map((reader) => ({ reader, named: false })), errors: [] };
  const selected = new Map<ReaderInfo, SelectedReader>();
  const errors: CertPropError[] = [];
  for (const pattern of patterns) {
    const exact = readers.filter(({ readerName }) => sameName(pattern, visible(readerName)));
    const chosen =
      exact.length > 0 ? exact : readers.filter(({ readerName }) => fits(pattern, visible(readerName)));
    const named = exact.length > 0 || !hasWildcard(pattern);
    if (chosen.length === 0 && named) errors.push(readerNotFound(pattern, readers));
    for (const reader of chosen)
      selected.set(reader, { reader, named: named || selected.get(reader)?.named === true });
  }
  return { selected: [...selected.values()], errors };
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function readerNotFound(name: string, readers: readonly ReaderInfo[]): CertPropError {
  const names = readers.map(({ readerName }) => `"${visible(readerName)}"`).join(', ');
  return new CertPropError(
    'ReaderNotFound',
    `There is no smart card reader "${visible(name)}". ${names === '' ? 'No reader is connected.' : `Connected: ${names}.`}`,
    { readerName: visible(name) },
  );
}

/** Why a reader's card can't be read without even trying, null when it can. */
export function obstacleIn({ readerName, status, atr }: ReaderInfo): CertPropError | null {
  const name = visible(readerName);
  const details = { readerName: name, ...(atr === null ? {} : { atr: hex(atr) }) };
  switch (status) {
    case 'Present':
    case 'InUse':
      return null;
    case 'Empty':
      return new CertPropError(
        'NoCard',
        `There is no card in the reader "${name}". Insert it and try again.`,
        details,
      );
    case 'Mute':
      return new CertPropError(
        'CardMute',
        `The card in the reader "${name}" does not answer. Insert it again, the right way round; clean its contacts.`,
        details,
      );
    case 'Unavailable':
      return new CertPropError(
        'ReaderUnavailable',
        `The reader "${name}" can't be used. Plug it in again.`,
        details,
      );
  }
}

/**
 * The reader of exactly this name, as shown.
 * @throws CertPropError ReaderNotFound
 */
export function readerNamed(readers: readonly ReaderInfo[], name: string): ReaderInfo {
  const reader = readers.find(({ readerName }) => sameName(name, visible(readerName)));
  if (reader === undefined) throw readerNotFound(name, readers);
  return reader;
}
