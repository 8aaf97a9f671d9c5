/** The data objects of a virtual PIV card (NIST SP 800-73-4, part 2, 3.1.2 and 3.3.1). */
import { deflateSync, gzipSync } from 'node:zlib';
import { CardStatus, statusWord, type Command } from './command.js';
import type { PivSession, PivState } from './piv-state.js';
import { findTlv, parseTlvs, tlv } from './tlv.js';

/** The application's identifier, version 1.0. */
export const pivApplication = Buffer.from('A000000308000010000100', 'hex');

const dataTag = 0x53;
const tagListTag = 0x5c;
const discoveryTag = 0x7e;
const longestObject = 0xf000;
const mostObjects = 64;

/** The object's tag, by slot (part 1, table 3). */
const certificateTags: ReadonlyMap<string, number> = new Map([
  ['9A', 0x5fc105],
  ['9C', 0x5fc10a],
  ['9D', 0x5fc10b],
  ['9E', 0x5fc101],
  ...Array.from({ length: 20 }, (_, index): [string, number] => [
    (0x82 + index).toString(16).toUpperCase(),
    0x5fc10d + index,
  ]),
]);

/** How a certificate lies on the card, with its CertInfo: compressed as SP 800-73-4 has it, or as Pointsharp Net iD does. */
export type CertificateForm = 'Plain' | 'Gzip' | 'Zlib';

/** Puts a certificate (DER) into a slot, `9A` to `9E` or `82` to `95`. */
export function putPivCertificate(
  state: PivState,
  slot: string,
  certificate: Uint8Array,
  form: CertificateForm = 'Plain',
): void {
  const tag = certificateTags.get(slot);
  if (tag === undefined) throw new RangeError(`There is no slot ${slot}.`);
  const info = Uint8Array.of(form === 'Plain' ? 0 : 1);
  const value = tlv(0x70, stored(certificate, form));
  state.objects.set(tag, Buffer.concat([value, tlv(0x71, info), tlv(0xfe)]));
}

export function getPivData(state: PivState, command: Command): Uint8Array {
  const tag = namedTag(command);
  if (tag === discoveryTag) return discovery();
  const object = state.objects.get(tag);
  if (object) return tlv(dataTag, object);
  if (state.absent === 'Empty') return tlv(dataTag);
  throw new CardStatus(state.absent);
}

/** An empty object is deleted. */
export function putPivData(state: PivState, session: PivSession, command: Command): void {
  const tag = namedTag(command);
  if (!session.isManaged) throw new CardStatus(statusWord.securityStatusNotSatisfied);
  const value = findTlv(command.data, dataTag);
  if (!value) throw new CardStatus(statusWord.incorrectData);
  if (value.length > longestObject || (!state.objects.has(tag) && state.objects.size >= mostObjects)) {
    throw new CardStatus(statusWord.notEnoughSpace);
  }
  if (value.length === 0) state.objects.delete(tag);
  else state.objects.set(tag, value);
}

function namedTag({ p1, p2, data }: Command): number {
  if (p1 !== 0x3f || p2 !== 0xff) throw new CardStatus(statusWord.incorrectP1P2);
  const [list] = parseTlvs(data) ?? [];
  if (list?.tag !== tagListTag || list.value.length < 1 || list.value.length > 3) {
    throw new CardStatus(statusWord.incorrectData);
  }
  return list.value.reduce((tag, byte) => tag * 0x100 + byte, 0);
}

/** The application's name, and that its own PIN alone counts (part 1, 3.3.2). */
function discovery(): Uint8Array {
  return tlv(discoveryTag, tlv(0x4f, pivApplication), tlv(0x5f2f, Uint8Array.of(0x40, 0x00)));
}

function stored(certificate: Uint8Array, form: CertificateForm): Uint8Array {
  switch (form) {
    case 'Plain':
      return certificate;
    case 'Gzip':
      return gzipSync(certificate);
    case 'Zlib':
      return Buffer.concat([
        Uint8Array.of(1, 0, certificate.length & 0xff, certificate.length >> 8),
        deflateSync(certificate),
      ]);
  }
}
