/** READ BINARY and UPDATE BINARY of the current transparent file (ISO/IEC 7816-4:2013, 11.2.3 and 11.2.5). */
import { CardStatus, statusWord, type Command } from './command.js';
import {
  currentFile,
  type IsoFile,
  type IsoFileTree,
  type IsoSelection,
  type RequireAccess,
} from './iso-files.js';

/** Bit 8 of P1 would make the rest a short file identifier, which these files don't have. */
const shortIdentifierBit = 0x80;
const wrongOffset = 0x6b00;

/** At most as many bytes as the file has from the offset on. */
export function readBinary(
  tree: IsoFileTree,
  selection: IsoSelection,
  command: Command,
  requireAccess: RequireAccess,
): Uint8Array {
  const file = transparentFile(tree, selection);
  requireAccess(file, 'Read');
  const offset = offsetIn(command);
  if (offset >= file.content.length) throw new CardStatus(wrongOffset);
  return file.content.slice(offset, offset + (command.le ?? 0x100));
}

export function updateBinary(
  tree: IsoFileTree,
  selection: IsoSelection,
  command: Command,
  requireAccess: RequireAccess,
): void {
  const file = transparentFile(tree, selection);
  requireAccess(file, 'Update');
  const offset = offsetIn(command);
  if (offset + command.data.length > file.content.length) throw new CardStatus(wrongOffset);
  file.content.set(command.data, offset);
}

function transparentFile(tree: IsoFileTree, selection: IsoSelection): IsoFile {
  const file = currentFile(tree, selection);
  if (file.kind !== 'Transparent') throw new CardStatus(statusWord.incompatibleFile);
  return file;
}

function offsetIn({ p1, p2 }: Command): number {
  if ((p1 & shortIdentifierBit) !== 0) throw new CardStatus(statusWord.incorrectP1P2);
  return (p1 << 8) | p2;
}
