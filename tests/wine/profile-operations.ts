/** What tests do under Wine to a store in a profile, as JSON. */
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import type { ExactFile, FileRights, GuardedStore } from '../../engine/profiles/guarded-store.js';
import { type CertificateStore, isCorrupt } from '../../engine/store/store.js';

export type ProfileOperation =
  | { readonly do: 'list' | 'listKeys' }
  | { readonly do: 'read' | 'find'; readonly name: string }
  | { readonly do: 'remove'; readonly name: string; readonly bytes: string }
  /** Adds a certificate (DER in base64) twenty times at once, by turns through the guard and as the profile's own user does. */
  | { readonly do: 'addAtOnce'; readonly certificate: string }
  | { readonly do: 'create'; readonly name: string; readonly bytes: string; readonly rights: string | null };

/** Bytes and security descriptor in base64. */
export interface PlainFile {
  readonly name: string;
  readonly bytes: string;
  readonly rights: string;
}

/** `null` in `value` for what is not there. */
export type ProfileAnswer =
  { readonly value: unknown } | { readonly error: { readonly id: string; readonly message: string } };

export interface Listing {
  readonly good: readonly PlainFile[];
  /** Names and problems. */
  readonly corrupt: readonly { readonly name: string; readonly problem: string }[];
}

/** @param own the same store, as the profile's own user has it */
export async function perform(
  store: GuardedStore,
  own: CertificateStore,
  operation: ProfileOperation,
): Promise<ProfileAnswer> {
  try {
    return { value: await attempt(store, own, operation) };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    return { error: { id: error.id, message: error.message } };
  }
}

async function attempt(
  store: GuardedStore,
  own: CertificateStore,
  operation: ProfileOperation,
): Promise<unknown> {
  switch (operation.do) {
    case 'list':
      return listing(store.files());
    case 'listKeys':
      return listing(store.keys.files());
    case 'read':
      return plain(await store.readExact(operation.name));
    case 'find':
      return (await store.find(operation.name))?.thumbprint ?? null;
    case 'remove':
      return store.removeExact(operation.name, Buffer.from(operation.bytes, 'base64'));
    case 'addAtOnce': {
      const der = Buffer.from(operation.certificate, 'base64');
      const both = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? own : store));
      const outcomes = await Promise.all(both.map((each) => each.add(der, new Map(), 'UseExisting')));
      const found = await store.find(thumbprintOf(der));
      return { outcomes: outcomes.sort(), isThere: found !== null };
    }
    case 'create': {
      const rights: FileRights | null =
        operation.rights === null
          ? null
          : { kind: 'Windows', descriptor: Buffer.from(operation.rights, 'base64') };
      return store.createExact(operation.name, Buffer.from(operation.bytes, 'base64'), rights);
    }
  }
}

async function listing(files: ReturnType<GuardedStore['files']>): Promise<Listing> {
  const good: PlainFile[] = [];
  const corrupt: { name: string; problem: string }[] = [];
  for await (const file of files) {
    if (isCorrupt(file)) corrupt.push({ name: file.name, problem: file.problem });
    else good.push(...[plain(file)].filter((each) => each !== null));
  }
  return { good: good.sort((a, b) => a.name.localeCompare(b.name)), corrupt };
}

function plain(file: ExactFile | null): PlainFile | null {
  if (file === null) return null;
  if (file.rights.kind !== 'Windows') throw new TypeError('Rights of another system');
  return {
    name: file.name,
    bytes: Buffer.from(file.bytes).toString('base64'),
    rights: Buffer.from(file.rights.descriptor).toString('base64'),
  };
}
