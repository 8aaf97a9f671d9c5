/** What Windows' file functions fill in, decoded. Offsets in it come from a file system, or a server, that may lie. */

/** winnt.h. */
const FILE_ATTRIBUTE_DIRECTORY = 0x10;
const FILE_ATTRIBUTE_DEVICE = 0x40;
const FILE_ATTRIBUTE_REPARSE_POINT = 0x400;

export type Kind = 'File' | 'Folder' | 'Link' | 'Other';

export interface Facts {
  readonly kind: Kind;
  /** In bytes. */
  readonly size: number;
  /** How many names it has. */
  readonly links: number;
  /** Of one file, on its volume. */
  readonly index: bigint;
  /** From its volume's root: `\Users\ada`. */
  readonly name: string;
}

/** FileAllInformation, [MS-FSCC] 2.4.2: attributes, standard information, index and name. Null for what doesn't hold them. */
export function decodeFacts(bytes: Buffer): Facts | null {
  const nameAt = 100;
  if (bytes.length < nameAt) return null;
  const name = text(bytes, nameAt, bytes.readUInt32LE(96));
  return name === null
    ? null
    : {
        kind: kindOf(bytes.readUInt32LE(32)),
        size: Number(bytes.readBigUInt64LE(48)),
        links: bytes.readUInt32LE(56),
        index: bytes.readBigUInt64LE(64),
        name,
      };
}

export interface FolderRecord {
  readonly name: string;
  readonly kind: Kind;
}

/** FileDirectoryInformation, [MS-FSCC] 2.4.10, without `.` and `..`; null for what can't be understood. */
export function decodeFolderRecords(bytes: Buffer): readonly FolderRecord[] | null {
  const nameAt = 64;
  const records: FolderRecord[] = [];
  for (let rest = bytes; ;) {
    if (rest.length < nameAt) return null;
    const name = text(rest, nameAt, rest.readUInt32LE(60));
    if (name === null) return null;
    if (name !== '.' && name !== '..') records.push({ name, kind: kindOf(rest.readUInt32LE(56)) });
    const next = rest.readUInt32LE(0);
    if (next === 0) return records;
    if (next < nameAt) return null;
    rest = rest.subarray(next);
  }
}

/** [MS-FSCC] 2.1.2.1. */
const IO_REPARSE_TAG_MOUNT_POINT = 0xa000_0003;

/**
 * Where a mount point leads, by its REPARSE_DATA_BUFFER ([MS-FSCC] 2.1.2.5): `\??\Volume{…}\` for a volume, another path for a junction.
 * Null for any other reparse point.
 */
export function decodeMountPoint(bytes: Buffer): string | null {
  const pathsAt = 16;
  if (bytes.length < pathsAt || bytes.readUInt32LE(0) !== IO_REPARSE_TAG_MOUNT_POINT) return null;
  const data = bytes.subarray(0, 8 + bytes.readUInt16LE(4));
  if (data.length < pathsAt) return null;
  return text(data, pathsAt + data.readUInt16LE(8), data.readUInt16LE(10));
}

function kindOf(attributes: number): Kind {
  if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) !== 0) return 'Link';
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) !== 0) return 'Folder';
  return (attributes & FILE_ATTRIBUTE_DEVICE) === 0 ? 'File' : 'Other';
}

/** UTF-16; null where it does not lie in the bytes. */
function text(bytes: Buffer, start: number, length: number): string | null {
  const isInside = length % 2 === 0 && start + length <= bytes.length;
  return isInside ? bytes.toString('utf16le', start, start + length) : null;
}
