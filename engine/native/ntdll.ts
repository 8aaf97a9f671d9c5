/**
 * The file functions of ntdll.dll that CertProp uses, typed (Windows Driver Kit, ntifs.h): the only ones that open what a held folder
 * holds by one name. Every call is synchronous. Constants carry the header's names.
 */
import { type Koffi, loadKoffi } from './koffi.js';
import { loadSystemLibrary, type NativeLibrary } from './system-library.js';

/** An open file or folder. */
export type FileHandle = number | bigint;

/** NTSTATUS, unsigned 32-bit. */
export type Status = number;

export interface CreateRequest {
  /** The folder that the name is in; null: the name is a whole path of the object manager's (`\??\C:\Users`). */
  readonly folder: FileHandle | null;
  readonly name: string;
  /** ACCESS_MASK. */
  readonly access: number;
  /** FILE_SHARE_*: what others may do meanwhile. */
  readonly share: number;
  /** FILE_OPEN, FILE_CREATE or FILE_OPEN_IF. */
  readonly disposition: number;
  /** FILE_*: CreateOptions. */
  readonly options: number;
}

export interface Created {
  readonly status: Status;
  /** Means something only where `status` is 0 or an informational one. */
  readonly handle: FileHandle;
}

export interface Filled {
  readonly status: Status;
  /** How many bytes are there by now. */
  readonly length: number;
}

export interface Ntdll {
  create(request: CreateRequest): Created;
  close(handle: FileHandle): void;
  /** From where the last reading ended. */
  read(handle: FileHandle, into: Uint8Array): Filled;
  /** To where the last writing ended. */
  write(handle: FileHandle, bytes: Uint8Array): Filled;
  flush(handle: FileHandle): Status;
  /** @param kind FILE_INFORMATION_CLASS */
  queryInformation(handle: FileHandle, kind: number, into: Uint8Array): Filled;
  setInformation(handle: FileHandle, kind: number, value: Uint8Array): Status;
  /** @param restart from the first name on */
  queryDirectory(handle: FileHandle, kind: number, into: Uint8Array, restart: boolean): Filled;
  /** A security descriptor in self-relative form. @param wanted SECURITY_INFORMATION */
  querySecurity(handle: FileHandle, wanted: number, into: Uint8Array): Filled;
  /** @param descriptor a whole one, in self-relative form: its offsets are believed */
  setSecurity(handle: FileHandle, wanted: number, descriptor: Uint8Array): Status;
  /** @param code a control code without input */
  control(handle: FileHandle, code: number, into: Uint8Array): Filled;
}

const OBJ_CASE_INSENSITIVE = 0x40;
const FILE_ATTRIBUTE_NORMAL = 0x80;
/** OBJECT_ATTRIBUTES on 64-bit Windows, the only one that CertProp runs on. */
const objectAttributesBytes = 48;
/** IO_STATUS_BLOCK: the status, then at 8 what came out. */
const statusBlockBytes = 16;
const informationAt = 8;

let loading: Promise<Ntdll> | undefined;

export function loadNtdll(): Promise<Ntdll> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Ntdll> {
  return declareNtdll(await loadKoffi(), await loadSystemLibrary('ntdll.dll'));
}

function declareNtdll(koffi: Koffi, ntdll: NativeLibrary): Ntdll {
  const declare = (prototype: string): ((...values: readonly unknown[]) => number) => ntdll.func(prototype);
  const block = Buffer.alloc(statusBlockBytes);
  const filled = (status: number): Filled => ({
    status: status >>> 0,
    length: block.readUInt32LE(informationAt),
  });

  const create = declareCreate(koffi, ntdll);
  const close = declare('int32_t __stdcall NtClose(intptr_t handle)');
  const transfer =
    'intptr_t handle, intptr_t event, void *apc, void *context, void *block, void *buffer, uint32_t length, void *offset, void *key';
  const read = declare(`int32_t __stdcall NtReadFile(${transfer})`);
  const write = declare(`int32_t __stdcall NtWriteFile(${transfer})`);
  const flush = declare('int32_t __stdcall NtFlushBuffersFile(intptr_t handle, void *block)');
  const information = 'intptr_t handle, void *block, void *buffer, uint32_t length, int32_t kind';
  const queryInformation = declare(`int32_t __stdcall NtQueryInformationFile(${information})`);
  const setInformation = declare(`int32_t __stdcall NtSetInformationFile(${information})`);
  const queryDirectory = declare(
    'int32_t __stdcall NtQueryDirectoryFile(intptr_t handle, intptr_t event, void *apc, void *context, void *block, void *buffer, uint32_t length, int32_t kind, uint8_t single, void *mask, uint8_t restart)',
  );
  const querySecurity = declare(
    'int32_t __stdcall NtQuerySecurityObject(intptr_t handle, uint32_t wanted, void *buffer, uint32_t length, _Out_ uint32_t *needed)',
  );
  const setSecurity = declare(
    'int32_t __stdcall NtSetSecurityObject(intptr_t handle, uint32_t wanted, void *descriptor)',
  );
  const control = declare(
    'int32_t __stdcall NtFsControlFile(intptr_t handle, intptr_t event, void *apc, void *context, void *block, uint32_t code, void *input, uint32_t inputLength, void *output, uint32_t outputLength)',
  );

  return {
    create(request) {
      const handle: [FileHandle] = [0];
      const status = create(request, handle, block);
      return { status, handle: handle[0] };
    },
    close: (handle) => void close(handle),
    read: (handle, into) => filled(read(handle, 0, null, null, block, into, into.length, null, null)),
    write: (handle, bytes) => filled(write(handle, 0, null, null, block, bytes, bytes.length, null, null)),
    flush: (handle) => flush(handle, block) >>> 0,
    queryInformation: (handle, kind, into) =>
      filled(queryInformation(handle, block, into, into.length, kind)),
    setInformation: (handle, kind, value) => setInformation(handle, block, value, value.length, kind) >>> 0,
    queryDirectory: (handle, kind, into, restart) =>
      filled(queryDirectory(handle, 0, null, null, block, into, into.length, kind, 0, null, restart ? 1 : 0)),
    querySecurity(handle, wanted, into) {
      const needed: [number] = [0];
      const status = querySecurity(handle, wanted, into, into.length, needed);
      return { status: status >>> 0, length: needed[0] };
    },
    setSecurity: (handle, wanted, descriptor) => setSecurity(handle, wanted, descriptor) >>> 0,
    control: (handle, code, into) =>
      filled(control(handle, 0, null, null, block, code, null, 0, into, into.length)),
  };
}

type Create = (request: CreateRequest, handle: [FileHandle], block: Buffer) => Status;

function declareCreate(koffi: Koffi, ntdll: NativeLibrary): Create {
  const unicodeString = koffi.struct({ Length: 'uint16_t', MaximumLength: 'uint16_t', Buffer: 'void *' });
  const objectAttributes = koffi.struct({
    Length: 'uint32_t',
    RootDirectory: 'intptr_t',
    ObjectName: koffi.pointer(unicodeString),
    Attributes: 'uint32_t',
    SecurityDescriptor: 'void *',
    SecurityQualityOfService: 'void *',
  });
  const create: (...values: readonly unknown[]) => number = ntdll.func(
    '__stdcall',
    'NtCreateFile',
    'int32_t',
    [
      koffi.out(koffi.pointer('intptr_t')),
      'uint32_t',
      koffi.pointer(objectAttributes),
      ...['void *', 'void *', 'uint32_t', 'uint32_t', 'uint32_t', 'uint32_t', 'void *', 'uint32_t'],
    ],
  );
  return ({ folder, name, access, share, disposition, options }, handle, block) => {
    const buffer = Buffer.from(name, 'utf16le');
    const attributes = {
      Length: objectAttributesBytes,
      RootDirectory: folder ?? 0,
      ObjectName: { Length: buffer.length, MaximumLength: buffer.length, Buffer: buffer },
      Attributes: OBJ_CASE_INSENSITIVE,
      SecurityDescriptor: null,
      SecurityQualityOfService: null,
    };
    const normal = FILE_ATTRIBUTE_NORMAL;
    const status = create(
      ...[handle, access, attributes, block, null, normal, share, disposition, options, null, 0],
    );
    return status >>> 0;
  };
}
