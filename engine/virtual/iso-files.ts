/** A card's tree of files: SELECT, CREATE FILE, DELETE FILE (ISO/IEC 7816-4:2013, 11.1.1; ISO/IEC 7816-9:2017). */
import { hex } from '../text.js';
import { CardStatus, statusWord, type Command } from './command.js';
import { findTlv } from './tlv.js';

/** File identifiers from the master file down, four upper-case hex digits each, without 3F00: the master file's own path is empty. */
export type IsoPath = string;

export interface IsoFile {
  readonly kind: 'Directory' | 'Transparent' | 'Key';
  /** File control parameters, the value of tag 62 or 6F, as given to CREATE FILE. */
  readonly control: Uint8Array;
  /** Empty unless transparent. */
  readonly content: Uint8Array;
  /** A key file's public half, in the templates of 7F49; the private half isn't kept. */
  publicKey: Uint8Array | null;
}

export interface IsoFileTree {
  readonly files: Map<IsoPath, IsoFile>;
}

export interface IsoSelection {
  /** Null before an application is selected. */
  directory: IsoPath | null;
  /** The current elementary file. */
  file: IsoPath | null;
}

export type FileOperation = 'Read' | 'Update' | 'Create' | 'Delete' | 'Generate';

/** @throws CardStatus 6982 when the file's owner doesn't allow it */
export type RequireAccess = (file: IsoFile, operation: FileOperation) => void;

const control = { size: 0x80, totalSize: 0x81, descriptor: 0x82, identifier: 0x83 } as const;
const informationTemplate = 0x6f;
const masterFileIdentifier = '3F00';
const noAnswer = 0x0c;
/** Without a current file. */
const commandNotAllowed = 0x6986;
const mostFiles = 200;
const largestFile = 0x7fff;

/** File descriptor byte (ISO/IEC 7816-4:2013, table 14). */
const descriptor = { directory: 0x38, transparent: 0x01 } as const;

export function directoryFile(control: Uint8Array): IsoFile {
  return { kind: 'Directory', control, content: new Uint8Array(), publicKey: null };
}

/**
 * SELECT by identifier, path or parent; by name is the card's own affair.
 * @returns the selected file, null where the command wants no answer
 */
export function selectFile(
  { files }: IsoFileTree,
  selection: IsoSelection,
  command: Command,
): IsoFile | null {
  const path = wantedPath(files, selection, command);
  const file = path === null ? undefined : files.get(path);
  if (path === null || file === undefined) throw new CardStatus(statusWord.fileNotFound);
  setCurrent(selection, path, file);
  return (command.p2 & noAnswer) === noAnswer ? null : file;
}

/** @param fill what the file holds at first */
export function createFile(
  { files }: IsoFileTree,
  selection: IsoSelection,
  command: Command,
  fill: number,
  requireAccess: RequireAccess,
): void {
  const { parent, directory } = currentDirectory(files, selection);
  requireAccess(parent, 'Create');
  const parameters = findTlv(command.data, 0x62) ?? findTlv(command.data, informationTemplate);
  const identifier = parameters && findTlv(parameters, control.identifier);
  if (parameters === null || identifier?.length !== 2) throw new CardStatus(statusWord.incorrectData);
  const path = directory + hex(identifier);
  if (files.has(path)) throw new CardStatus(statusWord.fileExists);
  if (files.size >= mostFiles) throw new CardStatus(statusWord.notEnoughSpace);
  const file = newFile(parameters, fill);
  files.set(path, file);
  setCurrent(selection, path, file);
}

/** The current file, or the one whose identifier is given, with all below it. */
export function deleteFile(
  { files }: IsoFileTree,
  selection: IsoSelection,
  command: Command,
  requireAccess: RequireAccess,
): void {
  const { directory } = currentDirectory(files, selection);
  const path = command.data.length === 2 ? directory + hex(command.data) : (selection.file ?? directory);
  const file = files.get(path);
  if (file === undefined || path === '') throw new CardStatus(statusWord.fileNotFound);
  requireAccess(file, 'Delete');
  for (const other of [...files.keys()]) if (other.startsWith(path)) files.delete(other);
  selection.directory = path.slice(0, -4);
  selection.file = null;
}

/** @throws CardStatus 6986 without a current elementary file */
export function currentFile({ files }: IsoFileTree, { file }: IsoSelection): IsoFile {
  const current = file === null ? undefined : files.get(file);
  if (current === undefined) throw new CardStatus(commandNotAllowed);
  return current;
}

/** The size a key file was created with, in bits. */
export function keySize({ control: parameters }: IsoFile): number {
  return number(findTlv(parameters, control.totalSize));
}

function wantedPath(
  files: ReadonlyMap<IsoPath, IsoFile>,
  { directory }: IsoSelection,
  { p1, data }: Command,
): IsoPath | null {
  if (directory === null) throw new CardStatus(commandNotAllowed);
  const given = hex(data);
  switch (p1) {
    case 0x00:
      if (given === '' || given === masterFileIdentifier) return '';
      return (
        [directory + given, directory, directory.slice(0, -4) + given].find(
          (path) => path.endsWith(given) && files.has(path),
        ) ?? null
      );
    case 0x01:
    case 0x02:
    case 0x09:
      return directory + given;
    case 0x03:
      return directory.slice(0, -4);
    case 0x08:
      return given;
    default:
      throw new CardStatus(statusWord.incorrectP1P2);
  }
}

function setCurrent(selection: IsoSelection, path: IsoPath, file: IsoFile): void {
  selection.directory = file.kind === 'Directory' ? path : path.slice(0, -4);
  selection.file = file.kind === 'Directory' ? null : path;
}

function currentDirectory(
  files: ReadonlyMap<IsoPath, IsoFile>,
  { directory }: IsoSelection,
): { parent: IsoFile; directory: IsoPath } {
  const parent = directory === null ? undefined : files.get(directory);
  if (directory === null || parent === undefined) throw new CardStatus(commandNotAllowed);
  return { parent, directory };
}

function newFile(parameters: Uint8Array, fill: number): IsoFile {
  const [type = 0] = findTlv(parameters, control.descriptor) ?? [];
  if (type === descriptor.directory) return directoryFile(parameters);
  if (type !== descriptor.transparent) {
    return { kind: 'Key', control: parameters, content: new Uint8Array(), publicKey: null };
  }
  const size = number(findTlv(parameters, control.size) ?? findTlv(parameters, control.totalSize));
  if (size > largestFile) throw new CardStatus(statusWord.notEnoughSpace);
  return {
    kind: 'Transparent',
    control: parameters,
    content: new Uint8Array(size).fill(fill),
    publicKey: null,
  };
}

function number(value: Uint8Array | null): number {
  return (value ?? new Uint8Array()).subarray(0, 4).reduce((sum, digit) => sum * 0x100 + digit, 0);
}
