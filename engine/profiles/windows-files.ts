/** What CertProp does with open files and folders on Windows, above the bare functions (native/ntdll.ts). */
import type { CreateRequest, FileHandle, Ntdll } from '../native/ntdll.js';
import {
  decodeFacts,
  decodeFolderRecords,
  decodeMountPoint,
  type Facts,
  type FolderRecord,
} from './nt-records.js';
import { ntStatus, requireSuccess, statusError } from './nt-status.js';

/** FILE_INFORMATION_CLASS, [MS-FSCC] 2.4. */
const FileDirectoryInformation = 1;
const FileRenameInformation = 10;
const FileDispositionInformation = 13;
const FileAllInformation = 18;
const FileDispositionInformationEx = 64;
/** [MS-FSCC] 2.4.12: gone at once, though others have it open; also if it is marked as read-only. */
const dispositionFlags = 0x1 | 0x2 | 0x10;
/** [MS-FSCC] 2.3.29. */
const FSCTL_GET_REPARSE_POINT = 0x0009_00a8;
/** [MS-FSCC] 2.1.2. */
const longestReparseData = 16 * 1024;
/** SECURITY_INFORMATION ([MS-DTYP] 2.4.7): owner, group and access list. */
const ownerAndRights = 1 | 2 | 4;
const ownerAlone = 1;
/** The longest: an access list has at most 65,535 bytes. */
const longestDescriptor = 0x2_0000;
/** The numbers, and the longest name. */
const longestFacts = 100 + 0x1_0000;
const listingBytes = 64 * 1024;

/** One buffer for all: what is in it is decoded or copied before it is used again. */
const scratch = Buffer.alloc(longestDescriptor);

/** Methods throw errors with a `code` as Node's own. */
export class WindowsFiles {
  readonly #ntdll: Ntdll;

  constructor(ntdll: Ntdll) {
    this.#ntdll = ntdll;
  }

  /** A handle that is not inherited, or the status of the failure. */
  open(request: CreateRequest): FileHandle | { readonly status: number } {
    const { status, handle } = this.#ntdll.create(request);
    if (status === ntStatus.success) return handle;
    if (status === ntStatus.oplockBreakInProgress) this.close(handle);
    return { status };
  }

  close(handle: FileHandle): void {
    this.#ntdll.close(handle);
  }

  facts(handle: FileHandle): Facts {
    const into = scratch.subarray(0, longestFacts);
    const { status, length } = this.#ntdll.queryInformation(handle, FileAllInformation, into);
    requireSuccess(status);
    const facts = decodeFacts(into.subarray(0, length));
    if (facts === null) throw statusError(ntStatus.invalidParameter);
    return facts;
  }

  /** One listing of a handle at a time. */
  *list(handle: FileHandle): Iterable<FolderRecord> {
    const into = Buffer.alloc(listingBytes);
    for (let restart = true; ; restart = false) {
      const { status, length } = this.#ntdll.queryDirectory(handle, FileDirectoryInformation, into, restart);
      if (status === ntStatus.noMoreFiles || status === ntStatus.noSuchFile) return;
      requireSuccess(status);
      const records = decodeFolderRecords(into.subarray(0, length));
      if (records === null) throw statusError(ntStatus.invalidParameter);
      yield* records;
    }
  }

  /** The next bytes, as many as there are until `into` is full. */
  read(handle: FileHandle, into: Uint8Array): number {
    let done = 0;
    while (done < into.length) {
      const { status, length } = this.#ntdll.read(handle, into.subarray(done));
      if (status === ntStatus.endOfFile || (status === ntStatus.success && length === 0)) break;
      requireSuccess(status);
      done += length;
    }
    return done;
  }

  /** On disk when it returns. */
  write(handle: FileHandle, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      const { status, length } = this.#ntdll.write(handle, bytes.subarray(done));
      requireSuccess(status);
      done += length;
    }
    requireSuccess(this.#ntdll.flush(handle));
  }

  /** Its name is gone when the handle is closed; on older Windows and some file systems, when the last one is. */
  remove(handle: FileHandle): void {
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE(dispositionFlags);
    const status = this.#ntdll.setInformation(handle, FileDispositionInformationEx, flags);
    if (status === ntStatus.success) return;
    if (!isUnknown(status)) throw statusError(status);
    requireSuccess(this.#ntdll.setInformation(handle, FileDispositionInformation, Buffer.of(1)));
  }

  /** Moves a file to a name in a held folder; false when the name is taken. */
  moveTo(handle: FileHandle, folder: FileHandle, name: string): boolean {
    const status = this.#ntdll.setInformation(handle, FileRenameInformation, renaming(folder, name));
    if (status === ntStatus.nameCollision) return false;
    requireSuccess(status);
    return true;
  }

  /** Owner, group and access list, in self-relative form. */
  descriptor(handle: FileHandle): Uint8Array {
    const { status, length } = this.#ntdll.querySecurity(handle, ownerAndRights, scratch);
    requireSuccess(status);
    return new Uint8Array(scratch.subarray(0, length));
  }

  /** @param descriptor as nt-descriptor.ts makes it */
  setRights(handle: FileHandle, descriptor: Uint8Array): void {
    requireSuccess(this.#ntdll.setSecurity(handle, ownerAndRights, descriptor));
  }

  /** @param descriptor as nt-descriptor.ts makes it */
  setOwner(handle: FileHandle, descriptor: Uint8Array): void {
    requireSuccess(this.#ntdll.setSecurity(handle, ownerAlone, descriptor));
  }

  /** Where a mount point or a junction leads; null for any other link. */
  mountPoint(handle: FileHandle): string | null {
    const into = scratch.subarray(0, longestReparseData);
    const { status, length } = this.#ntdll.control(handle, FSCTL_GET_REPARSE_POINT, into);
    return status === ntStatus.success ? decodeMountPoint(into.subarray(0, length)) : null;
  }
}

/** What Windows before version 1607 answers, and file systems without it. */
function isUnknown(status: number): boolean {
  const answers: readonly number[] = [
    ntStatus.invalidInfoClass,
    ntStatus.invalidParameter,
    ntStatus.notImplemented,
    ntStatus.notSupported,
  ];
  return answers.includes(status);
}

/** FILE_RENAME_INFORMATION of 64-bit Windows ([MS-FSCC] 2.4.42.2): no replacing, the folder, the name's length and the name. */
function renaming(folder: FileHandle, name: string): Buffer {
  const nameAt = 20;
  const text = Buffer.from(name, 'utf16le');
  const information = Buffer.alloc(nameAt + text.length);
  information.writeBigInt64LE(BigInt(folder), 8);
  information.writeUInt32LE(text.length, 16);
  text.copy(information, nameAt);
  return information;
}
