/** What tests do under Wine to a store in a profile, as JSON. */
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { CertPropError } from '../../engine/errors.js';
import { loadRestorePrivilege } from '../../engine/native/restore-privilege.js';
import { loadSystemLibrary } from '../../engine/native/system-library.js';
import type { ExactFile, FileRights, GuardedStore } from '../../engine/profiles/guarded-store.js';
import { type CertificateStore, isCorrupt } from '../../engine/store/store.js';

export type ProfileOperation =
  /** `privilege`: whether SeRestorePrivilege is in force before, during and after work that needs it, and after such work failed. */
  | { readonly do: 'list' | 'listKeys' | 'privilege' }
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
    case 'privilege':
      return privilegeInForce();
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

async function privilegeInForce(): Promise<boolean[]> {
  const withRestore = await loadRestorePrivilege();
  const isInForce = await restorePrivilegeState();
  const before = isInForce();
  const during = withRestore(isInForce)?.result ?? false;
  const after = isInForce();
  try {
    withRestore(() => {
      throw new RangeError('Expected');
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return [before, during, after, isInForce()];
}

/** By TOKEN_PRIVILEGES (winnt.h), each with 64 bits for the privilege and its attributes. */
async function restorePrivilegeState(): Promise<() => boolean> {
  const advapi32 = await loadSystemLibrary('advapi32.dll');
  const [tokenQuery, tokenPrivileges, seRestore, enabled] = [8, 3, 18, 2];
  const open: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)',
  );
  const query: (...values: unknown[]) => number = advapi32.func(
    'int __stdcall GetTokenInformation(intptr_t token, int wanted, void *buffer, uint32_t size, _Out_ uint32_t *needed)',
  );
  return () => {
    const token: unknown[] = [0];
    const held = Buffer.alloc(4096);
    open(-1, tokenQuery, token);
    query(token[0], tokenPrivileges, held, held.length, [0]);
    for (let index = 0; index < held.readUInt32LE(0); index++) {
      const at = 4 + 12 * index;
      if (held.readUInt32LE(at) === seRestore) return (held.readUInt32LE(at + 8) & enabled) !== 0;
    }
    throw new Error('The privilege is not held');
  };
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
  if (file.rights?.kind !== 'Windows') throw new TypeError('Rights of another system');
  return {
    name: file.name,
    bytes: Buffer.from(file.bytes).toString('base64'),
    rights: Buffer.from(file.rights.descriptor).toString('base64'),
  };
}
