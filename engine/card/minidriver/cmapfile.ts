/**
 * `mscp/cmapfile`, the container map: which keys the card has, and their names
 * (Windows Smart Card Minidriver Specification v7.07, CONTAINER_MAP_RECORD).
 */
import { CertPropError } from '../../errors.js';
import type { KeySpec } from '../card.js';

/** One record; its position in the file is the container's index, so that deleted ones keep their place. */
export interface ContainerMapRecord {
  /** wszGuid: up to 39 UTF-16 units, not always a GUID; outside text. */
  readonly name: string;
  /** bFlags: bit 0 valid, bit 1 default container. */
  readonly flags: number;
  readonly reserved: number;
  /** 0 if the container has no signature key. */
  readonly signatureKeySizeBits: number;
  /** 0 if the container has no key exchange key. */
  readonly keyExchangeKeySizeBits: number;
}

const recordLength = 86;
const nameUnits = 40;
const flagsOffset = 80;
const reservedOffset = 81;
const signatureKeyOffset = 82;
const keyExchangeKeyOffset = 84;
const validFlag = 0x01;
const defaultFlag = 0x02;

/** A container that is not deleted. */
export function isValidContainer(record: ContainerMapRecord): boolean {
  return (record.flags & validFlag) !== 0;
}

export function isDefaultContainer(record: ContainerMapRecord): boolean {
  return isValidContainer(record) && (record.flags & defaultFlag) !== 0;
}

/**
 * All records, deleted ones included; an empty file has none.
 * @throws CertPropError MalformedCardData if the length is no multiple of 86, or a valid container's name has no end
 */
export function parseContainerMap(bytes: Uint8Array): ContainerMapRecord[] {
  if (bytes.length % recordLength !== 0) {
    throw malformed(`its length, ${String(bytes.length)}, is no multiple of ${String(recordLength)}`);
  }
  return Array.from({ length: bytes.length / recordLength }, (_, index) =>
    parseRecord(bytes.subarray(index * recordLength, (index + 1) * recordLength), index),
  );
}

function parseRecord(bytes: Uint8Array, index: number): ContainerMapRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units = Array.from({ length: nameUnits }, (_, unit) => view.getUint16(unit * 2, true));
  const end = units.indexOf(0);
  const record = {
    name: String.fromCharCode(...units.slice(0, end < 0 ? nameUnits - 1 : end)),
    flags: view.getUint8(flagsOffset),
    reserved: view.getUint8(reservedOffset),
    signatureKeySizeBits: view.getUint16(signatureKeyOffset, true),
    keyExchangeKeySizeBits: view.getUint16(keyExchangeKeyOffset, true),
  };
  if (end < 0 && isValidContainer(record)) {
    throw malformed(`the name of container ${String(index)} has no end`);
  }
  return record;
}

/** A container with one key; the first default of a map is what Windows takes. */
export function newContainerRecord(
  name: string,
  keySpec: KeySpec,
  keySizeBits: number,
  isDefault: boolean,
): ContainerMapRecord {
  return {
    ...{ name, flags: isDefault ? validFlag | defaultFlag : validFlag, reserved: 0 },
    signatureKeySizeBits: keySpec === 'Signature' ? keySizeBits : 0,
    keyExchangeKeySizeBits: keySpec === 'KeyExchange' ? keySizeBits : 0,
  };
}

/** The record of a container that is deleted, or was never there. */
export const deletedContainerRecord: ContainerMapRecord = {
  ...{ name: '', flags: 0, reserved: 0 },
  ...{ signatureKeySizeBits: 0, keyExchangeKeySizeBits: 0 },
};

/** @throws CertPropError MalformedCardData for a name that is too long or holds a zero */
export function encodeContainerMap(records: readonly ContainerMapRecord[]): Uint8Array {
  const bytes = new Uint8Array(records.length * recordLength);
  records.forEach((record, index) => {
    encodeRecord(record, index, bytes.subarray(index * recordLength, (index + 1) * recordLength));
  });
  return bytes;
}

function encodeRecord(record: ContainerMapRecord, index: number, target: Uint8Array): void {
  if (record.name.length >= nameUnits || record.name.includes('\0')) {
    throw malformed(`the name of container ${String(index)} is longer than 39 characters or holds a zero`);
  }
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  for (let unit = 0; unit < record.name.length; unit++) {
    view.setUint16(unit * 2, record.name.charCodeAt(unit), true);
  }
  view.setUint8(flagsOffset, record.flags);
  view.setUint8(reservedOffset, record.reserved);
  view.setUint16(signatureKeyOffset, record.signatureKeySizeBits, true);
  view.setUint16(keyExchangeKeyOffset, record.keyExchangeKeySizeBits, true);
}

function malformed(problem: string): CertPropError {
  return new CertPropError('MalformedCardData', `The container map is damaged: ${problem}.`, {
    file: 'cmapfile',
  });
}
