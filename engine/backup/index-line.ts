/** The lines of a backup's index: JSON, one for each certificate. What they say is outside text. */
import * as v from 'valibot';
import type { FileRights } from '../profiles/guarded-store.js';
import { maxElementBytes } from '../store/serialized.js';
import type { KeptCertificate, KeptKey } from './backup.js';

/** The longest line that is read or written, with its end. */
export const maxLineBytes = 256 * 1024;
/** Larger files in `Keys`, and more of them, are no links that Windows made. */
export const maxKeyBytes = 8 * 1024;
export const maxKeys = 8;
/** An owner, a group and an access control list of at most 65,535 bytes. */
const maxDescriptorBytes = 68 * 1024;

/** Where the element lies in the file of elements, and what it is. */
export interface ElementPosition {
  readonly offset: number;
  readonly length: number;
  /** SHA-256 of the element, hex. */
  readonly sha256: string;
}

export type IndexLine = KeptCertificate & ElementPosition;

const base64 = (bytes: number) =>
  v.pipe(
    v.string(),
    v.maxLength(Math.ceil(bytes / 3) * 4),
    v.base64(),
    v.transform((text): Uint8Array => Buffer.from(text, 'base64')),
  );
const whole = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const hex = (digits: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'iu')));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(260));

const rights = v.nullable(
  v.variant('kind', [
    v.strictObject({
      kind: v.literal('Posix'),
      uid: whole(0, 0xffff_ffff),
      gid: whole(0, 0xffff_ffff),
      mode: whole(0, 0o7777),
    }),
    v.strictObject({ kind: v.literal('Windows'), descriptor: base64(maxDescriptorBytes) }),
  ]),
);

const sid = v.pipe(v.string(), v.regex(/^S(-\d{1,20}){2,17}$/u));

const place = v.variant('kind', [
  v.strictObject({ kind: v.literal('Profile'), root: hex(64), sid: v.nullable(sid), userName: name }),
  v.strictObject({ kind: v.literal('Hive'), sid, userName: name }),
  v.strictObject({ kind: v.literal('Folder'), root: hex(64) }),
  v.strictObject({
    kind: v.picklist(['System', 'DotNet']),
    location: v.picklist(['CurrentUser', 'LocalMachine']),
  }),
]);

const line = v.strictObject({
  version: v.literal(1),
  place,
  storeName: name,
  fileName: hex(40),
  offset: whole(0, Number.MAX_SAFE_INTEGER),
  length: whole(1, maxElementBytes),
  sha256: hex(64),
  rights,
  keys: v.pipe(
    v.array(v.strictObject({ name: hex(40), bytes: base64(maxKeyBytes), rights })),
    v.maxLength(maxKeys),
  ),
});

/** With its end. */
export function encodeLine(entry: IndexLine): string {
  const { place, storeName, fileName, offset, length, sha256 } = entry;
  const written = {
    ...{ version: 1, place, storeName, fileName, offset, length, sha256 },
    rights: encodeRights(entry.rights),
    keys: entry.keys.map(encodeKey),
  };
  return `${JSON.stringify(written)}\n`;
}

function encodeKey({ name, bytes, rights }: KeptKey): object {
  return { name, bytes: Buffer.from(bytes).toString('base64'), rights: encodeRights(rights) };
}

function encodeRights(rights: FileRights | null): object | null {
  if (rights?.kind !== 'Windows') return rights;
  return { kind: rights.kind, descriptor: Buffer.from(rights.descriptor).toString('base64') };
}

/** Null for what is no line of an index. */
export function decodeLine(text: string): IndexLine | null {
  const checked = v.safeParse(line, parseJson(text), { abortEarly: true });
  return checked.success ? { ...checked.output, thumbprint: checked.output.fileName.toUpperCase() } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
