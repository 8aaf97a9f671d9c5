/** Security descriptors in self-relative form ([MS-DTYP] 2.4.6), which may come from a backup. */

/** [MS-DTYP] 2.4.6, Control. */
const SE_DACL_PRESENT = 0x0004;
const SE_DACL_AUTO_INHERIT_REQ = 0x0100;
const SE_DACL_AUTO_INHERITED = 0x0400;
const SE_SELF_RELATIVE = 0x8000;
const headerBytes = 20;
const ownerAt = 4;
const groupAt = 8;
const listAt = 16;

/**
 * The same owner, group and access list, to be set on a file: a list that was inherited stays marked so only if that is asked for
 * ([MS-DTYP] 2.4.6, DC). Null for what is no whole descriptor with all three: Windows believes its offsets.
 */
export function settable(descriptor: Uint8Array): Uint8Array | null {
  const copy = Buffer.from(descriptor);
  if (copy.length < headerBytes || copy.readUInt8(0) !== 1) return null;
  const control = copy.readUInt16LE(2);
  const isWhole = (control & SE_SELF_RELATIVE) !== 0 && (control & SE_DACL_PRESENT) !== 0;
  const holdsAll =
    isWhole && sidAt(copy, ownerAt) !== null && sidAt(copy, groupAt) !== null && holdsList(copy);
  if (!holdsAll) return null;
  if ((control & SE_DACL_AUTO_INHERITED) !== 0) copy.writeUInt16LE(control | SE_DACL_AUTO_INHERIT_REQ, 2);
  return copy;
}

/** A descriptor that has nothing but the owner of this one; null where none is to be found. */
export function ownerOnly(descriptor: Uint8Array): Uint8Array | null {
  const bytes = Buffer.from(descriptor);
  const owner = bytes.length < headerBytes ? null : sidAt(bytes, ownerAt);
  if (owner === null) return null;
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(1, 0);
  header.writeUInt16LE(SE_SELF_RELATIVE, 2);
  header.writeUInt32LE(headerBytes, ownerAt);
  return Buffer.concat([header, owner]);
}

/** SID ([MS-DTYP] 2.4.2.2): the revision, the number of parts, an authority of 48 bits, and parts of 32 bits, of which 15 at most. */
function sidAt(bytes: Buffer, pointerAt: number): Buffer | null {
  const start = bytes.readUInt32LE(pointerAt);
  if (start < headerBytes || start + 8 > bytes.length || bytes.readUInt8(start) !== 1) return null;
  const parts = bytes.readUInt8(start + 1);
  const end = start + 8 + 4 * parts;
  return parts <= 15 && end <= bytes.length ? bytes.subarray(start, end) : null;
}

/** ACL ([MS-DTYP] 2.4.5): its size at 2, how many entries at 4; each has its size at 2. At 0 it is no list, which allows everything. */
function holdsList(bytes: Buffer): boolean {
  const start = bytes.readUInt32LE(listAt);
  if (start === 0) return true;
  if (start < headerBytes || start + 8 > bytes.length) return false;
  const list = bytes.subarray(start, start + bytes.readUInt16LE(start + 2));
  if (list.length !== bytes.readUInt16LE(start + 2) || list.length < 8) return false;
  let offset = 8;
  for (let count = list.readUInt16LE(4); count > 0; count--) {
    if (offset + 4 > list.length) return false;
    const size = list.readUInt16LE(offset + 2);
    if (size < 8 || size % 4 !== 0 || offset + size > list.length) return false;
    offset += size;
  }
  return true;
}
