/**
 * SELECT for the files of a PKCS #15 card (ISO/IEC 7816-4:2013, 11.1.1). Cards differ in what they take, so each way is tried and
 * what a card refused is not asked again.
 */
import type { SmartCardConnection } from '../pcsc/reader.js';
import { announceExtendedLength, sendCommand, type Answer } from './apdu.js';
import { announcesExtendedLength } from './capabilities.js';
import { CertPropError } from '../errors.js';
import { identifiersBetween, parentOf, type FilePath } from './pkcs15-path.js';
import { statusWords } from './status-word.js';
import { findValue, parseDataObjects } from './tlv.js';

/** Where an application's files lie. */
export interface Home {
  /** The application's identifier, by which it is selected; null for one that is only a file. */
  readonly name: Uint8Array | null;
  readonly path: FilePath;
  /** Which file is current once the application is selected by its name: itself, or the master file above it. */
  readonly start: FilePath;
}

export interface FileSelector {
  /**
   * Makes a file the current one.
   * @returns the size the card gives for it, null where it gives none
   */
  select(path: FilePath): Promise<Selection>;
}

export type Selection =
  | { readonly selected: true; readonly size: number | null }
  | { readonly selected: false; readonly statusWord: number };

const by = { identifier: 0x00, name: 0x04, path: 0x08 } as const;
const firstOccurrence = { controlInformation: 0x00, noAnswer: 0x0c } as const;

const fileNotFound: ReadonlySet<number> = new Set([
  statusWords.fileNotFound,
  statusWords.referencedDataNotFound,
]);

/** SELECT with an application's identifier. @throws all that `transmit` throws */
export async function selectName(card: SmartCardConnection, name: Uint8Array): Promise<boolean> {
  const answer = await sendSelect(card, by.name, firstOccurrence.controlInformation, name);
  if (!isSelected(answer)) return false;
  if (takesExtendedLength(answer.data)) announceExtendedLength(card);
  return true;
}

export function fileSelector(card: SmartCardConnection, home: Home): FileSelector {
  let current: FilePath | null = home.name === null ? null : home.start;
  let takesPaths = true;
  let occurrence: number = firstOccurrence.controlInformation;

  async function bySelecting(p1: number, data: Uint8Array): Promise<Selection> {
    const answer = await sendSelect(card, p1, occurrence, data);
    if (isSelected(answer)) return { selected: true, size: sizeIn(answer.data) };
    if (
      p1 === by.identifier &&
      answer.statusWord === statusWords.incorrectParameters &&
      occurrence === firstOccurrence.controlInformation
    ) {
      occurrence = firstOccurrence.noAnswer;
      return bySelecting(p1, data);
    }
    return { selected: false, statusWord: answer.statusWord };
  }

  async function byPath(path: FilePath): Promise<Selection> {
    const selection = await bySelecting(by.path, Buffer.from(path, 'hex'));
    if (!selection.selected && !fileNotFound.has(selection.statusWord)) takesPaths = false;
    return selection;
  }

  /** From the application or the master file down, one SELECT per file. */
  async function step(from: FilePath, path: FilePath): Promise<Selection> {
    let selection: Selection = { selected: true, size: null };
    for (const identifier of identifiersBetween(from, path)) {
      selection = await bySelecting(by.identifier, Buffer.from(identifier, 'hex'));
      if (!selection.selected) return selection;
    }
    return selection;
  }

  async function fromTheTop(path: FilePath): Promise<Selection | null> {
    if (home.name !== null && path.startsWith(home.start)) {
      return (await selectName(card, home.name)) ? step(home.start, path) : null;
    }
    if (takesPaths) return null;
    const masterFile = await bySelecting(by.identifier, Buffer.from('3F00', 'hex'));
    return masterFile.selected ? step('', path) : masterFile;
  }

  return {
    async select(path) {
      const parent = parentOf(path);
      const isHere = current === parent;
      let selection: Selection = { selected: false, statusWord: statusWords.fileNotFound };
      if (isHere) selection = await step(parent, path);
      if (!selection.selected && takesPaths) selection = await byPath(path);
      if (!selection.selected && !(isHere && parent === home.start)) {
        selection = (await fromTheTop(path)) ?? selection;
      }
      current = selection.selected ? parent : null;
      return selection;
    },
  };
}

function sendSelect(card: SmartCardConnection, p1: number, p2: number, data: Uint8Array): Promise<Answer> {
  const command = { cla: 0x00, ins: 0xa4, p1, p2, data };
  return sendCommand(card, p2 === firstOccurrence.noAnswer ? command : { ...command, le: 256 });
}

function isSelected({ statusWord }: Answer): boolean {
  return statusWord === statusWords.ok || statusWord >> 8 === 0x62;
}

/** Number of data bytes (80), or of all bytes (81), in file control information (ISO/IEC 7816-4:2013, table 10); 0 tells nothing. */
function sizeIn(answer: Uint8Array): number | null {
  const objects = controlInformation(answer);
  const size = findValue(objects, 0x80) ?? findValue(objects, 0x81);
  if (size === null || size.length === 0 || size.length > 4) return null;
  return Buffer.from(size).readUIntBE(0, size.length) || null;
}

/** Card capabilities (47) in control information (ISO/IEC 7816-4:2013, 12.1.1.9). */
function takesExtendedLength(answer: Uint8Array): boolean {
  const capabilities = findValue(controlInformation(answer), 0x47);
  return capabilities !== null && announcesExtendedLength(capabilities);
}

/** What templates 61, 62, 64 and 6F hold; nothing for an answer of another form. */
function controlInformation(answer: Uint8Array): ReturnType<typeof parseDataObjects> {
  try {
    return parseDataObjects(answer)
      .filter(({ tag }) => tag === 0x61 || tag === 0x62 || tag === 0x64 || tag === 0x6f)
      .flatMap(({ value }) => parseDataObjects(value));
  } catch (error) {
    if (error instanceof CertPropError) return [];
    throw error;
  }
}
