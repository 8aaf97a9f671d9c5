/** A profile folder with a store, and a folder outside it, for one test. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { GuardedStore } from '../../engine/profiles/guarded-store.js';
import type { OpenRoot } from '../../engine/profiles/held-folder.js';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import { encodeElement } from '../../engine/store/serialized.js';
import { isCorrupt, type CorruptEntry } from '../../engine/store/store.js';
import { ada, type TestCertificate } from '../store/certificates.js';
import { temporaryFolder } from '../store/temporary-folder.js';

export interface Bed {
  /** Holds the profile `ada` and the folder `outside`. */
  readonly folder: string;
  readonly root: string;
  /** `AppData/Roaming/…/Certificates`. */
  readonly certificates: string;
  readonly keys: string;
  readonly outside: string;
  open(openRoot?: OpenRoot): Promise<GuardedStore>;
}

export const componentsBelow = [
  ...['AppData', 'Roaming', 'Microsoft', 'SystemCertificates', 'My', 'Certificates'],
] as const;

/** @returns a bed whose store is empty, with all its folders */
export function makeBed(context: TestContext): Bed {
  const folder = temporaryFolder(context);
  const root = join(folder, 'ada');
  const certificates = join(root, ...componentsBelow);
  const bed: Bed = {
    folder,
    root,
    certificates,
    keys: join(certificates, '..', 'Keys'),
    outside: join(folder, 'outside'),
    open: (openRoot) => openProfileStore({ path: root }, 'My', openRoot),
  };
  mkdirSync(certificates, { recursive: true });
  mkdirSync(bed.outside);
  return bed;
}

export function elementOf(certificate: TestCertificate): Uint8Array {
  return encodeElement(certificate.der, new Map());
}

/** Puts Ada's element into a folder, by itself under its name. */
export function plantAda(folder: string, name: string = ada.thumbprint): string {
  const path = join(folder, name);
  writeFileSync(path, elementOf(ada), { mode: 0o640 });
  return path;
}

/** What a listing yields: the good ones' thumbprints, and the others. */
export async function listed(store: GuardedStore): Promise<{ good: string[]; corrupt: CorruptEntry[] }> {
  const good: string[] = [];
  const corrupt: CorruptEntry[] = [];
  for await (const entry of store.entries()) {
    if (isCorrupt(entry)) corrupt.push(entry);
    else good.push(entry.thumbprint);
  }
  return { good, corrupt };
}

/** How many files this process has open. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
