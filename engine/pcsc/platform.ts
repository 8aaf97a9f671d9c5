/**
 * What differs between the systems' PC/SC libraries; everything else is the same on all of them.
 *
 * Sources: Windows SDK winscard.h and winsmcrd.h; pcsc-lite's pcsclite.h, winscard.h, wintypes.h and reader.h; the same headers in
 * macOS' PCSC.framework, which declares 32-bit DWORDs and packs its structures.
 */
import type { Koffi } from '../native/koffi.js';

type IntegerType = 'int32' | 'uint32' | 'int64' | 'uint64';
type Structure = ReturnType<Koffi['struct']>;

/** Types are koffi's names for them. */
export interface PcscPlatform {
  readonly family: 'Windows' | 'pcsc-lite' | 'macOS';
  /** On Windows a name in the system folder, elsewhere as the system's loader finds it. */
  readonly library: string;
  readonly dword: IntegerType;
  readonly long: IntegerType;
  /** SCARDCONTEXT and SCARDHANDLE. */
  readonly handle: IntegerType;
  readonly text: 'str' | 'str16';
  readonly encoding: 'utf8' | 'utf16le';
  /** What a function with text in its parameters has at the end of its name. */
  readonly textSuffix: '' | 'W';
  /** The length of SCARD_READERSTATE.rgbAtr. */
  readonly atrLength: 33 | 36;
  /** Structures have no padding. */
  readonly packed: boolean;
  /** The service ends with the last reader, so that its absence means that there is no reader. */
  readonly serviceFollowsReaders: boolean;
  /** What a person does when the service can't be reached. */
  readonly advice: string;
}

export function pcscPlatform(system: NodeJS.Platform, architecture: string): PcscPlatform {
  const wide = architecture !== 'ia32' && architecture !== 'arm';
  switch (system) {
    case 'win32':
      return {
        family: 'Windows',
        library: 'winscard.dll',
        dword: 'uint32',
        long: 'int32',
        handle: wide ? 'uint64' : 'uint32',
        text: 'str16',
        encoding: 'utf16le',
        textSuffix: 'W',
        atrLength: 36,
        packed: false,
        serviceFollowsReaders: true,
        advice: 'Check that the Smart Card service (SCardSvr) is not disabled, then try again.',
      };
    case 'darwin':
      return {
        family: 'macOS',
        library: '/System/Library/Frameworks/PCSC.framework/PCSC',
        dword: 'uint32',
        long: 'int32',
        handle: 'int32',
        text: 'str',
        encoding: 'utf8',
        textSuffix: '',
        atrLength: 33,
        packed: true,
        serviceFollowsReaders: false,
        advice: 'Unplug the reader, plug it in again, and try again.',
      };
    default:
      return {
        family: 'pcsc-lite',
        library: 'libpcsclite.so.1',
        dword: wide ? 'uint64' : 'uint32',
        long: wide ? 'int64' : 'int32',
        handle: wide ? 'int64' : 'int32',
        text: 'str',
        encoding: 'utf8',
        textSuffix: '',
        atrLength: 33,
        packed: false,
        serviceFollowsReaders: false,
        advice: 'Install the package pcscd, start it (systemctl start pcscd.socket), then try again.',
      };
  }
}

/** SCARD_READERSTATE (SCARD_READERSTATEW on Windows). */
export function readerStateStructure(koffi: Koffi, platform: PcscPlatform): Structure {
  const members = {
    szReader: platform.text,
    pvUserData: 'void *',
    dwCurrentState: platform.dword,
    dwEventState: platform.dword,
    cbAtr: platform.dword,
    rgbAtr: koffi.array('uint8', platform.atrLength, 'Typed'),
  };
  return platform.packed ? koffi.pack(members) : koffi.struct(members);
}

/** SCARD_IO_REQUEST. */
export function ioRequestStructure(koffi: Koffi, platform: PcscPlatform): Structure {
  return koffi.struct({ dwProtocol: platform.dword, cbPciLength: platform.dword });
}
