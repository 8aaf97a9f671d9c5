/** How files and folders are opened on Windows: always themselves, whatever they are. */
import type { CreateRequest } from '../native/ntdll.js';

export type OpenAs = Omit<CreateRequest, 'folder' | 'name'>;

/** ACCESS_MASK ([MS-SMB2] 2.2.13.1). */
const readData = 0x1;
const writeData = 0x2;
const traverse = 0x20;
const readAttributes = 0x80;
const deletion = 0x1_0000;
const readRights = 0x2_0000;
const writeRights = 0x4_0000;
const writeOwner = 0x8_0000;
const synchronize = 0x10_0000;

const looking = readAttributes | synchronize;
const reading = looking | readData | readRights;

/** ShareAccess: what others may do meanwhile. It counts only beside the right to read, write or delete. */
const share = { nothing: 0, read: 0x1, readAndWrite: 0x3, all: 0x7 } as const;

/** CreateDisposition. */
const FILE_OPEN = 1;
const FILE_CREATE = 2;
const FILE_OPEN_IF = 3;

/** CreateOptions: FILE_SYNCHRONOUS_IO_NONALERT; FILE_OPEN_REPARSE_POINT; FILE_COMPLETE_IF_OPLOCKED, so that nobody is waited for. */
const itself = 0x20 | 0x20_0000 | 0x100;
const folderItself = itself | 0x1;
const fileItself = itself | 0x40;
const FILE_DELETE_ON_CLOSE = 0x1000;

/** Whatever it is, and as whatever others have it open. */
export const toLook: OpenAs = {
  access: looking,
  share: share.all,
  disposition: FILE_OPEN,
  options: itself,
};

/** Nobody can rename it, or a folder above it, meanwhile. */
export const toHold: OpenAs = {
  access: reading | traverse,
  share: share.readAndWrite,
  disposition: FILE_OPEN,
  options: folderItself,
};

export const toMakeFolder: OpenAs = {
  ...toHold,
  access: toHold.access | writeOwner,
  disposition: FILE_CREATE,
};

export const toRead: OpenAs = {
  access: reading,
  share: share.all,
  disposition: FILE_OPEN,
  options: fileItself,
};

/** Nobody can write it or give its name to another file meanwhile. */
export const toRemove: OpenAs = { ...toRead, access: reading | deletion, share: share.read };

export const toRemoveStray: OpenAs = { ...toRead, access: looking | deletion };

/** Nobody else can open it before it is whole. */
export const toMakeFile: OpenAs = {
  access: reading | writeData | deletion | writeRights | writeOwner,
  share: share.nothing,
  disposition: FILE_CREATE,
  options: fileItself,
};

/** As lock-windows.ts opens it. */
export const toLock: OpenAs = {
  access: writeData | deletion | synchronize,
  share: share.nothing,
  disposition: FILE_OPEN_IF,
  options: fileItself | FILE_DELETE_ON_CLOSE,
};
