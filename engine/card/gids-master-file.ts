/**
 * The master file of a GIDS card: the table of its files (laid out by the Windows inbox class minidriver; see gids_mf_record_t in
 * OpenSC's card-gids.h). One version byte (01), then records of 28 bytes: directory and name (9 bytes each, zero
 * filled), 2 bytes of padding, u32le tag of the data object, u32le EFID. A directory's own record has an empty name.
 */
import { CertPropError } from '../errors.js';

export interface MasterFileRecord {
  /** In lower case, as names compare; outside text. */
  readonly directory: string;
  readonly name: string;
  /** The data object's tag, and the EFID of the file that holds it: only the two together name an object. */
  readonly tag: number;
  readonly efid: number;
}

const version = 1;
const recordLength = 28;
const nameOffset = 9;
const paddingOffset = 18;
const tagOffset = 20;
const efidOffset = 24;

/** @throws CertPropError MalformedCardData */
export function parseMasterFile(bytes: Uint8Array): MasterFileRecord[] {
  if (bytes[0] !== version) throw malformed('its version is unknown');
  const records = bytes.subarray(1);
  if (records.length % recordLength !== 0) throw malformed('its last record is cut off');
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  return Array.from({ length: records.length / recordLength }, (_, index) => {
    const start = index * recordLength;
    return {
      directory: parseName(records.subarray(start, start + nameOffset)),
      name: parseName(records.subarray(start + nameOffset, start + paddingOffset)),
      tag: view.getUint32(start + tagOffset, true),
      efid: view.getUint32(start + efidOffset, true),
    };
  });
}

/** The record of a file; `directory` is empty for the root. */
export function findFile(
  records: readonly MasterFileRecord[],
  directory: string,
  name: string,
): MasterFileRecord | null {
  return records.find((record) => record.directory === directory && record.name === name) ?? null;
}

/** The table with a record more, its other bytes as they are. */
export function addRecord(
  masterFile: Uint8Array,
  { directory, name, tag, efid }: MasterFileRecord,
): Uint8Array {
  const record = Buffer.alloc(recordLength);
  record.write(directory, 0, nameOffset - 1, 'latin1');
  record.write(name, nameOffset, nameOffset - 1, 'latin1');
  record.writeUInt32LE(tag, tagOffset);
  record.writeUInt32LE(efid, efidOffset);
  return Buffer.concat([masterFile, record]);
}

/** The table without the file's first record, its other bytes as they are. */
export function removeRecord(masterFile: Uint8Array, directory: string, name: string): Uint8Array {
  const index = parseMasterFile(masterFile).findIndex(
    (record) => record.directory === directory && record.name === name,
  );
  if (index < 0) return masterFile;
  const start = 1 + index * recordLength;
  return Buffer.concat([masterFile.subarray(0, start), masterFile.subarray(start + recordLength)]);
}

function parseName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end))
    .toString('latin1')
    .toLowerCase();
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `The card's table of files is damaged: ${problem}.`);
}
