/** PKCS #15 files made up for tests (PKCS #15 v1.1, 6), for what no card of another maker at hand has. */
import { encodeDataObject } from '../../engine/card/tlv.js';
import { hex } from '../../engine/text.js';
import type { Image, ImageFile } from './pkcs15-image.js';
import { fromHex } from './scripted-card.js';

export const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.from(encodeDataObject(tag, Buffer.concat(parts)));

const utf8 = (text: string) => Buffer.from(text, 'utf8');

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Path: identifiers in hex, and which part of the file. */
export function path(identifiers: string, range?: Range): Buffer {
  const part = range === undefined ? [] : [der(0x02, number(range.offset)), der(0x80, number(range.length))];
  return der(0x30, der(0x04, fromHex(identifiers)), ...part);
}

export function certificateEntry(entry: {
  readonly id: string;
  readonly label?: string;
  readonly authority?: boolean;
  readonly value: Uint8Array;
}): Buffer {
  const label = entry.label === undefined ? [] : [der(0x0c, utf8(entry.label))];
  const authority = entry.authority === true ? [der(0x01, Uint8Array.of(0xff))] : [];
  return der(
    0x30,
    der(0x30, ...label, der(0x03, Uint8Array.of(6, 0x40))),
    der(0x30, der(0x04, fromHex(entry.id)), ...authority),
    der(0xa1, der(0x30, entry.value)),
  );
}

/** @param usage KeyUsageFlags as a BIT STRING's content: unused bits, then the bits */
export function privateKeyEntry(id: string, usage: string, tag = 0x30): Buffer {
  return der(
    tag,
    der(0x30, der(0x03, Uint8Array.of(7, 0x80)), der(0x04, Uint8Array.of(1))),
    der(0x30, der(0x04, fromHex(id)), der(0x03, fromHex(usage)), der(0x02, Uint8Array.of(0x85))),
    der(0xa1, der(0x30, path('4B01'), der(0x02, Uint8Array.of(0x08, 0x00)))),
  );
}

export function publicKeyEntry(id: string, value: Uint8Array, tag = 0x30): Buffer {
  return der(
    tag,
    der(0x30, der(0x0c, utf8('Key'))),
    der(0x30, der(0x04, fromHex(id)), der(0x03, fromHex('0101'))),
    der(0xa1, der(0x30, value)),
  );
}

export function tokenInfo(serialNumber: string): Buffer {
  return der(
    0x30,
    der(0x02, Uint8Array.of(0)),
    der(0x04, fromHex(serialNumber)),
    der(0x0c, utf8('Example, Inc.')),
    der(0x80, utf8('Made up')),
    der(0x03, Uint8Array.of(4, 0x10)),
  );
}

/** An application at 3F00/5015 with these files, by their identifiers; a TokenInfo is added. */
export function madeImage(
  files: Readonly<Record<string, Uint8Array>>,
  fill = { size: 0, byte: '00' },
): Image {
  const all = { '5032': tokenInfo('01020304'), ...files };
  return {
    selectName: 'A000000063504B43532D3135',
    files: [
      { path: '5015', control: '6F00', content: null },
      ...Object.entries(all).map(([name, content]) => elementaryFile(`5015${name}`, content, fill)),
    ],
  };
}

function elementaryFile(
  filePath: string,
  content: Uint8Array,
  fill: { readonly size: number; readonly byte: string },
): ImageFile {
  const size = content.length + fill.size;
  const control = hex(der(0x6f, der(0x80, Uint8Array.of(size >> 8, size & 0xff))));
  return { path: filePath, control, content: hex(content), size, fill: fill.byte };
}

function number(value: number): Uint8Array {
  return value < 0x80 ? Uint8Array.of(value) : Uint8Array.of(0, value >> 8, value & 0xff);
}
