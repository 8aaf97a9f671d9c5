/** What Windows' file functions fill in, made here by the words of [MS-FSCC]. */

export const volumeRoot = '\\??\\Volume{01234567-89ab-cdef-0123-456789abcdef}\\';

/** FileDirectoryInformation. @param next how far the next one is; 0 for none */
export function folderRecord(name: string, attributes: number, next: number): Buffer {
  const text = Buffer.from(name, 'utf16le');
  const record = Buffer.alloc(Math.max(next, 64 + text.length));
  record.writeUInt32LE(next, 0);
  record.writeUInt32LE(attributes, 56);
  record.writeUInt32LE(text.length, 60);
  text.copy(record, 64);
  return record;
}

export function listing(entries: readonly (readonly [name: string, attributes: number])[]): Buffer {
  return Buffer.concat(
    entries.map(([name, attributes], index) => {
      const next = Math.ceil((64 + 2 * name.length) / 8) * 8;
      return folderRecord(name, attributes, index === entries.length - 1 ? 0 : next);
    }),
  );
}

/** FileAllInformation of something with one name. */
export function allInformation(name: string, attributes: number): Buffer {
  const text = Buffer.from(name, 'utf16le');
  const bytes = Buffer.alloc(100 + text.length);
  bytes.writeUInt32LE(attributes, 32);
  bytes.writeUInt32LE(1, 56);
  bytes.writeUInt32LE(text.length, 96);
  text.copy(bytes, 100);
  return bytes;
}

/** REPARSE_DATA_BUFFER of a mount point or junction, with a print name. */
export function mountPoint(leadsTo: string): Buffer {
  const [substitute, print] = [Buffer.from(leadsTo, 'utf16le'), Buffer.from('print', 'utf16le')];
  const paths = Buffer.concat([substitute, Buffer.alloc(2), print, Buffer.alloc(2)]);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(0xa000_0003, 0);
  header.writeUInt16LE(8 + paths.length, 4);
  header.writeUInt16LE(0, 8);
  header.writeUInt16LE(substitute.length, 10);
  header.writeUInt16LE(substitute.length + 2, 12);
  header.writeUInt16LE(print.length, 14);
  return Buffer.concat([header, paths]);
}
