/** A set-up for a diagnosis as files: two readers with a card each, a store, and what else a machine has. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { reissued, readElement, thumbprintOf, writeElement, type Property } from './bytes.js';

export type Family = 'GIDS' | 'PIV' | 'PKCS15' | 'OpenPGP';
export const readerNames = ['One', 'Two'] as const;
/** On which of the two cards something is wrong. */
export type Side = 0 | 1;

export interface BedFiles {
  readonly folder: string;
  readonly family: Family;
}

export interface BedCertificate {
  readonly container: string;
  readonly der: Buffer;
  /** The same key and holder, with another serial number. */
  readonly earlier: Buffer;
}

interface BedFacts {
  /** Hex; by reader, two on each card. */
  readonly certificates: readonly (readonly {
    readonly container: string;
    readonly der: string;
    readonly earlier: string;
  }[])[];
  /** PKCS #8 in hex: the issuer's, and one of nobody's. */
  readonly issuerKey: string;
  readonly strangerKey: string;
  /** Of a key that no card has, in hex. */
  readonly otherModulus: string;
}

export function factsOf({ folder }: BedFiles): BedFacts {
  return JSON.parse(readFileSync(join(folder, 'bed.json'), 'utf8')) as BedFacts;
}

/** The first (0) or second (1) certificate of the card on a side, as it was before anything was wrong. */
export function certificateOf(bed: BedFiles, side: Side, index: 0 | 1 = 0): BedCertificate {
  const found = factsOf(bed).certificates[side]?.[index];
  if (found === undefined) throw new RangeError('no such certificate');
  return {
    container: found.container,
    der: Buffer.from(found.der, 'hex'),
    earlier: Buffer.from(found.earlier, 'hex'),
  };
}

export function cardPath({ folder }: BedFiles, side: Side): string {
  return join(folder, 'readers', readerNames[side], 'card.json');
}

export function entryPath({ folder }: BedFiles, der: Buffer): string {
  return join(folder, 'store', 'SystemCertificates', 'My', 'Certificates', thumbprintOf(der));
}

export function changeFile(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

export function changeEntry(
  bed: BedFiles,
  der: Buffer,
  change: (properties: Property[]) => readonly Property[],
): void {
  const path = entryPath(bed, der);
  writeFileSync(path, writeElement(change(readElement(readFileSync(path)))));
}

/** Another certificate in place of a card's: on the card, in what the providers give, and in the store. */
export function exchange(bed: BedFiles, side: Side, index: 0 | 1, der: Buffer): void {
  const { der: old } = certificateOf(bed, side, index);
  changeCertificateFile(bed, side, old, der);
  changeFile(join(bed.folder, 'containers.json'), (text) => text.replace(hex(old), hex(der)));
  const path = entryPath(bed, der);
  renameSync(entryPath(bed, old), path);
  const sha1 = Buffer.from(thumbprintOf(der), 'hex');
  const values: Readonly<Record<number, Buffer>> = { 3: sha1, 32: der };
  const properties = readElement(readFileSync(path)).map(({ id, value }) => ({
    id,
    value: values[id] ?? value,
  }));
  writeFileSync(path, writeElement(properties));
}

/** A card's certificate, issued again with other bytes. */
export function exchangeReissued(
  bed: BedFiles,
  side: Side,
  change: (signed: Buffer) => void,
  options: { readonly index?: 0 | 1; readonly key?: string } = {},
): void {
  const { index = 0, key = factsOf(bed).issuerKey } = options;
  const { der } = certificateOf(bed, side, index);
  exchange(bed, side, index, reissued(der, Buffer.from(key, 'hex'), change));
}

/** Other bytes of the same length in place of a card's certificate: GIDS cards have it compressed, the others as it is. */
export function changeCertificateFile(bed: BedFiles, side: Side, old: Buffer, other: Buffer): void {
  changeFile(cardPath(bed, side), (text) =>
    bed.family === 'GIDS'
      ? text.replaceAll(/"0100[0-9A-F]{4}(?<stream>[0-9A-F]+)"/gu, (whole: string, stream: string) =>
          inflated(stream)?.equals(old) === true ? `"${compressed(other)}"` : whole,
        )
      : text.replace(hex(old), hex(other)),
  );
}

export function removeCard(bed: BedFiles, side: Side): void {
  rmSync(cardPath(bed, side));
}

export function hex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

function inflated(stream: string): Buffer | null {
  try {
    return inflateSync(Buffer.from(stream, 'hex'));
  } catch {
    return null;
  }
}

function compressed(der: Buffer): string {
  const length = Buffer.alloc(2);
  length.writeUInt16LE(der.length);
  return `0100${hex(length)}${hex(deflateSync(der))}`;
}
