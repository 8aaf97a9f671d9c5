/**
 * What differs between the systems in PKCS #11's binary interface, and the structures that CertProp reads through it.
 *
 * Sources: PKCS #11 Cryptographic Token Interface Base Specification 2.40 (OASIS), section 2.1 (structure packing, Windows: 1 byte)
 * and section 3; its headers pkcs11t.h and pkcs11f.h: CK_ULONG is `unsigned long`, 32 bits on Windows, a pointer's size elsewhere.
 */
type Koffi = typeof import('koffi');
type Structure = ReturnType<Koffi['struct']>;

export interface Pkcs11Platform {
  /** koffi's name for CK_ULONG; flags, handles, lengths and return values are of this type. */
  readonly ulong: 'uint32' | 'uint64';
  /** Structures have no padding. */
  readonly packed: boolean;
}

export function pkcs11Platform(system: NodeJS.Platform, architecture: string): Pkcs11Platform {
  if (system === 'win32') return { ulong: 'uint32', packed: true };
  const wide = architecture !== 'ia32' && architecture !== 'arm';
  return { ulong: wide ? 'uint64' : 'uint32', packed: false };
}

/** CK_FUNCTION_LIST up to the last function that CertProp calls; version 3's list begins alike. */
export function functionListStructure(
  koffi: Koffi,
  platform: Pkcs11Platform,
  functionCount: number,
): Structure {
  return structure(koffi, platform, {
    version: version(koffi),
    functions: koffi.array('void *', functionCount),
  });
}

/** CK_SLOT_INFO. */
export function slotInfoStructure(koffi: Koffi, platform: Pkcs11Platform): Structure {
  return structure(koffi, platform, {
    slotDescription: koffi.array('uint8', 64, 'Typed'),
    manufacturerID: koffi.array('uint8', 32, 'Typed'),
    flags: platform.ulong,
    hardwareVersion: version(koffi),
    firmwareVersion: version(koffi),
  });
}

/** CK_TOKEN_INFO. */
export function tokenInfoStructure(koffi: Koffi, platform: Pkcs11Platform): Structure {
  return structure(koffi, platform, {
    label: koffi.array('uint8', 32, 'Typed'),
    manufacturerID: koffi.array('uint8', 32, 'Typed'),
    model: koffi.array('uint8', 16, 'Typed'),
    serialNumber: koffi.array('uint8', 16, 'Typed'),
    flags: platform.ulong,
    /** Sessions, PIN lengths and memory: ulMaxSessionCount to ulFreePrivateMemory. */
    counts: koffi.array(platform.ulong, 10),
    hardwareVersion: version(koffi),
    firmwareVersion: version(koffi),
    utcTime: koffi.array('uint8', 16, 'Typed'),
  });
}

/** CK_ATTRIBUTE. */
export function attributeStructure(koffi: Koffi, platform: Pkcs11Platform): Structure {
  return structure(koffi, platform, {
    type: platform.ulong,
    pValue: 'void *',
    ulValueLen: platform.ulong,
  });
}

function structure(
  koffi: Koffi,
  platform: Pkcs11Platform,
  members: Parameters<Koffi['struct']>[0],
): Structure {
  return platform.packed ? koffi.pack(members) : koffi.struct(members);
}

/** CK_VERSION: major, minor. */
function version(koffi: Koffi): ReturnType<Koffi['array']> {
  return koffi.array('uint8', 2, 'Typed');
}
