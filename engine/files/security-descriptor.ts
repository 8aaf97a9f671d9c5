/** Who can change a file, from its Windows security descriptor in self-relative form ([MS-DTYP] 2.4.6). */

/** [MS-DTYP] 2.4.6, Control: there is a discretionary access control list. */
const SE_DACL_PRESENT = 0x0004;
/** [MS-DTYP] 2.4.4.1. */
const ACCESS_ALLOWED_ACE_TYPE = 0;
const deniedTypes: readonly number[] = [1, 6, 10, 12];
const INHERIT_ONLY_ACE = 0x08;

/**
 * SYSTEM, Administrators, TrustedInstaller, and OWNER RIGHTS (the owner is judged by itself). Not the user whose rights these are: what
 * that user's other programs can change is nothing to run with an administrator's rights.
 */
const administrators: readonly (string | null)[] = [
  'S-1-5-18',
  'S-1-5-32-544',
  'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464',
  'S-1-3-4',
];

/** winnt.h: FILE_DELETE_CHILD, DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL. */
const replaceRights = 0x40 | 0x10000 | 0x40000 | 0x80000 | 0x10000000;
/** winnt.h: FILE_WRITE_DATA (in a folder: add a file), FILE_APPEND_DATA (add a folder), GENERIC_WRITE. */
const writeRights = 0x2 | 0x4 | 0x40000000;

/**
 * Others than administrators own the file or folder, or are allowed to change or replace it. So does what can't be understood.
 * @param ancestor a folder above the file's own: adding to it does no harm
 * @param self the SID of a user who is trusted too
 */
export function isChangeableByOthers(
  descriptor: Uint8Array,
  ancestor: boolean,
  self: string | null = null,
): boolean {
  const trusted = self === null ? administrators : [...administrators, self];
  const bytes = Buffer.from(descriptor.buffer, descriptor.byteOffset, descriptor.byteLength);
  try {
    const list = bytes.readUInt32LE(16);
    const isListed = (bytes.readUInt16LE(2) & SE_DACL_PRESENT) !== 0 && list !== 0;
    if (!isListed || !trusted.includes(sid(bytes, bytes.readUInt32LE(4)))) return true;
    const rights = ancestor ? replaceRights : replaceRights | writeRights;
    return entries(bytes.subarray(list)).some((entry) => givesOthers(entry, rights, trusted));
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

/** ACL ([MS-DTYP] 2.4.5). @throws RangeError */
function entries(list: Buffer): Buffer[] {
  const count = list.readUInt16LE(4);
  const found: Buffer[] = [];
  let offset = 8;
  for (let index = 0; index < count; index += 1) {
    const size = list.readUInt16LE(offset + 2);
    if (size < 8 || offset + size > list.length) throw new RangeError('The entry does not fit');
    found.push(list.subarray(offset, offset + size));
    offset += size;
  }
  return found;
}

/** ACE ([MS-DTYP] 2.4.4): type, flags, size, and for the usual types the rights and whose they are. @throws RangeError */
function givesOthers(entry: Buffer, rights: number, trusted: readonly (string | null)[]): boolean {
  const type = entry.readUInt8(0);
  const inheritOnly = (entry.readUInt8(1) & INHERIT_ONLY_ACE) !== 0;
  if (inheritOnly || deniedTypes.includes(type) || (entry.readUInt32LE(4) & rights) === 0) return false;
  return type !== ACCESS_ALLOWED_ACE_TYPE || !trusted.includes(sid(entry, 8));
}

/** SID ([MS-DTYP] 2.4.2.2): `S-1-5-32-544`; null for one of another revision. @throws RangeError */
function sid(bytes: Buffer, offset: number): string | null {
  if (bytes.readUInt8(offset) !== 1) return null;
  const count = bytes.readUInt8(offset + 1);
  const authority = bytes.readUIntBE(offset + 2, 6);
  const numbers = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(offset + 8 + 4 * index));
  return ['S', 1, authority, ...numbers].join('-');
}
