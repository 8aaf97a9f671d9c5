/** Fills a virtual card as its issuer would: the file system that GIDS cards carry, files, containers. */
import { encodeContainerMap, parseContainerMap } from '../card/minidriver/cmapfile.js';
import { blankCard, type CardFile, type CardState } from './card-state.js';
import { tlv } from './tlv.js';

export interface CardOptions {
  /** 16 bytes. */
  readonly cardId: Uint8Array;
  /** 4 to 16 bytes. */
  readonly pin: Uint8Array;
  /** 3DES, 24 bytes. */
  readonly adminKey: Uint8Array;
  readonly extendedLength?: boolean;
}

/** A minidriver file by name; the directory is '' for the root. */
export interface FileName {
  readonly directory: '' | 'mscp';
  readonly name: string;
}

export interface NewContainer {
  readonly name: string;
  readonly keySpec: 'KeyExchange' | 'Signature';
  readonly keySizeBits: number;
  /** The cryptographic mechanism identifier (GIDS 2.0, 12.5.3.1): 07 is RSA 2048, 0C is P-256. */
  readonly mechanism: number;
  /** The value of template 7F49. */
  readonly publicKey: Uint8Array;
}

const everyoneReadsUserWrites = 0xa010;
const everyoneReadsAdminWrites = 0xa012;
const userCreatesDeletes = 0xa000;
const adminKeyFile = 0xb080;
const firstKeyFile = 0xb081;
const masterFileTag = 0xdf1f;
const keyMapTag = 0xdf20;
const cardIdTag = 0xdf20;
const firstFileTag = 0xdf21;
const masterRecordLength = 28;

/** The files for data objects, with access mode and conditions in compact format: put data, get data. */
const dataFiles: readonly (readonly [number, readonly number[]])[] = [
  [userCreatesDeletes, [0x03, 0x30, 0x00]],
  [everyoneReadsUserWrites, [0x03, 0x30, 0x00]],
  [0xa011, [0x03, 0x30, 0xff]],
  [everyoneReadsAdminWrites, [0x03, 0x20, 0x00]],
  [0xa013, [0x03, 0x30, 0x30]],
  [0xa014, [0x03, 0x20, 0x20]],
];

/** A card in use, with an empty `mscp` directory: no container, no certificate. */
export function initializedCard(options: CardOptions): CardState {
  const state = blankCard(options);
  state.pin.value = options.pin;
  for (const [identifier, attributes] of dataFiles)
    state.files.set(identifier, newFile(identifier, 0x39, attributes));
  state.files.set(adminKeyFile, {
    ...newFile(adminKeyFile, 0x18, [0x87, 0x00, 0x20, 0xff], controlReference(0xa4, 0x02, 0x80, 0xc0)),
    key: { kind: 'secret', value: options.adminKey },
  });
  objectsOf(state, userCreatesDeletes).set(masterFileTag, Uint8Array.of(0x01));
  addMasterRecord(state, { directory: 'mscp', name: '' }, 0, userCreatesDeletes);
  addMasterRecord(state, { directory: '', name: 'cardid' }, cardIdTag, everyoneReadsAdminWrites);
  objectsOf(state, everyoneReadsAdminWrites).set(cardIdTag, options.cardId);
  putFile(state, { directory: '', name: 'cardapps' }, Buffer.from('mscp\0\0\0\0'));
  putFile(state, { directory: '', name: 'cardcf' }, new Uint8Array(6));
  putFile(state, { directory: 'mscp', name: 'cmapfile' }, new Uint8Array());
  state.activated = true;
  return state;
}

/** Writes a file that everyone may read and the user write; a new one gets the first free tag. */
export function putFile(state: CardState, file: FileName, content: Uint8Array): void {
  const objects = objectsOf(state, everyoneReadsUserWrites);
  const known = findRecord(state, file);
  const tag = known?.tag ?? firstFreeTag(objects);
  if (!known) addMasterRecord(state, file, tag, everyoneReadsUserWrites);
  objects.set(tag, content);
}

/** A file's content, null where the master file doesn't name it. */
export function getFile(state: CardState, file: FileName): Uint8Array | null {
  const record = findRecord(state, file);
  return (record && state.files.get(record.file)?.objects.get(record.tag)) ?? null;
}

/** Adds a container behind the others, with its key file and key map record; the first one is the default. Returns its index. */
export function addContainer(state: CardState, container: NewContainer): number {
  const records = parseContainerMap(
    getFile(state, { directory: 'mscp', name: 'cmapfile' }) ?? new Uint8Array(),
  );
  const index = records.length;
  const isSignature = container.keySpec === 'Signature';
  records.push({
    name: container.name,
    flags: index === 0 ? 0x03 : 0x01,
    reserved: 0,
    signatureKeySizeBits: isSignature ? container.keySizeBits : 0,
    keyExchangeKeySizeBits: isSignature ? 0 : container.keySizeBits,
  });
  putFile(state, { directory: 'mscp', name: 'cmapfile' }, encodeContainerMap(records));
  addKeyMapRecord(state, index, container);
  const usage = controlReference(isSignature ? 0xb6 : 0xb8, container.mechanism, 0x81 + index, 0x40);
  state.files.set(firstKeyFile + index, {
    ...newFile(firstKeyFile + index, 0x18, [0x8f, 0x10, 0x10, 0x10, 0x00], usage),
    key: { kind: 'public', template: container.publicKey },
  });
  return index;
}

interface MasterRecord {
  readonly directory: string;
  readonly name: string;
  readonly tag: number;
  readonly file: number;
}

function findRecord(state: CardState, { directory, name }: FileName): MasterRecord | undefined {
  return masterRecords(state).find((record) => record.directory === directory && record.name === name);
}

function masterRecords(state: CardState): readonly MasterRecord[] {
  const bytes = Buffer.from(objectsOf(state, userCreatesDeletes).get(masterFileTag) ?? []);
  const count = Math.floor((bytes.length - 1) / masterRecordLength);
  return Array.from({ length: count }, (_, index) => {
    const record = bytes.subarray(1 + index * masterRecordLength, 1 + (index + 1) * masterRecordLength);
    return {
      directory: untilZero(record.subarray(0, 9)),
      name: untilZero(record.subarray(9, 18)),
      tag: record.readUInt32LE(20),
      file: record.readUInt32LE(24),
    };
  });
}

function addMasterRecord(state: CardState, { directory, name }: FileName, tag: number, file: number): void {
  const record = Buffer.alloc(masterRecordLength);
  record.write(directory, 0, 8, 'latin1');
  record.write(name, 9, 8, 'latin1');
  record.writeUInt32LE(tag, 20);
  record.writeUInt32LE(file, 24);
  append(objectsOf(state, userCreatesDeletes), masterFileTag, record);
}

/** u32 state, u8 mechanism, u8 type (9A exchange, 9C signature), u16 key file, FFFF, two bytes of padding. */
function addKeyMapRecord(state: CardState, index: number, { keySpec, mechanism }: NewContainer): void {
  const objects = objectsOf(state, userCreatesDeletes);
  if (!objects.has(keyMapTag)) objects.set(keyMapTag, Uint8Array.of(0x01));
  const record = Buffer.alloc(12);
  record.writeUInt32LE(1, 0);
  record.writeUInt8(mechanism, 4);
  record.writeUInt8(keySpec === 'Signature' ? 0x9c : 0x9a, 5);
  record.writeUInt16LE(firstKeyFile + index, 6);
  record.writeUInt16LE(0xffff, 8);
  append(objects, keyMapTag, record);
}

function firstFreeTag(objects: ReadonlyMap<number, Uint8Array>): number {
  let tag = firstFileTag;
  while (objects.has(tag)) tag += 1;
  return tag;
}

function untilZero(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end);
}

function append(objects: Map<number, Uint8Array>, tag: number, more: Uint8Array): void {
  objects.set(tag, Buffer.concat([objects.get(tag) ?? new Uint8Array(), more]));
}

function objectsOf(state: CardState, file: number): Map<number, Uint8Array> {
  return state.files.get(file)?.objects ?? new Map<number, Uint8Array>();
}

function newFile(
  identifier: number,
  descriptor: number,
  attributes: readonly number[],
  ...more: readonly Uint8Array[]
): CardFile {
  const parameters = Buffer.concat([
    tlv(0x82, Uint8Array.of(descriptor)),
    tlv(0x83, Uint8Array.of(identifier >> 8, identifier & 0xff)),
    tlv(0x8c, Uint8Array.from(attributes)),
    ...more,
  ]);
  return { parameters, activated: true, objects: new Map(), key: null };
}

/** A5 with one control reference template: mechanism, key reference, usage. */
function controlReference(
  template: number,
  mechanism: number,
  keyReference: number,
  usage: number,
): Uint8Array {
  return tlv(
    0xa5,
    tlv(
      template,
      tlv(0x80, Uint8Array.of(mechanism)),
      tlv(0x83, Uint8Array.of(keyReference)),
      tlv(0x95, Uint8Array.of(usage)),
    ),
  );
}
