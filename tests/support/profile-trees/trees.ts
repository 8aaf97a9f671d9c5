/** Users' profiles in any number, the same each time: certificates from cards among others, and in some profiles what is hostile or broken. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { thumbprintOf } from '../../../engine/certificate/x509.js';
import { encodeElement } from '../../../engine/store/serialized.js';
import { both, cardLinked, marked, softwareLinked } from '../../propagation/stored-sample.js';
import { hostileKinds, spoil, type HostileKind } from './hostile.js';
import { numberedCertificate } from './numbered-certificate.js';

export interface Trees {
  /** Holds `profiles` and `outside`. */
  readonly folder: string;
  readonly profiles: string;
  /** Holds the canary, to which the links in profiles lead. */
  readonly outside: string;
  /** The profiles of each kind, by their full paths. */
  readonly hostile: ReadonlyMap<HostileKind, readonly string[]>;
  readonly remove: () => void;
}

/** Whom an engine without root's rights runs as; each profile belongs to a user of its own, and to this group. */
export const nobody = 65534;
const firstUser = 100_000;

const stores = { My: 18, Request: 2 } as const;
/** In each profile, in My: a tenth. */
export const leakedEach = 2;
export const certificatesEach = stores.My + stores.Request;

const storesPath = ['AppData', 'Roaming', 'Microsoft', 'SystemCertificates'] as const;

/** @param hostileEvery one profile in so many is hostile */
export function makeTrees(profileCount: number, hostileEvery = 20): Trees {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'certprop-profiles-')));
  const profiles = join(folder, 'profiles');
  const outside = join(folder, 'outside');
  const canary = join(outside, 'canary');
  const hostile = new Map<HostileKind, string[]>();
  const [canaryFile] = makeProfile(canary, 0);
  for (const path of [folder, profiles, outside]) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
  }
  for (let index = 1; index <= profileCount; index++) {
    const kind = index % hostileEvery === 0 ? hostileKindOf(index / hostileEvery) : null;
    const profile = join(profiles, nameOf(index, kind));
    const files = makeProfile(profile, index);
    if (kind === null) continue;
    hostile.set(kind, [...(hostile.get(kind) ?? []), profile]);
    spoil(kind, { profile, certificates: dirname(files[0]), files, canary, canaryFile });
  }
  return {
    ...{ folder, profiles, outside, hostile },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/** In turn. @param number from 1 */
function hostileKindOf(number: number): HostileKind | null {
  return hostileKinds[(number - 1) % hostileKinds.length] ?? null;
}

function nameOf(index: number, kind: HostileKind | null): string {
  const name = `user${String(index).padStart(5, '0')}`;
  return kind === null ? name : `${name} ${kind}`;
}

/** @returns the files of its certificates from cards */
function makeProfile(profile: string, index: number): [string, string] {
  const owner = firstUser + index;
  const systemCertificates = makeFolders(profile, storesPath, owner);
  const leaked: string[] = [];
  let number = index * certificatesEach;
  for (const [store, count] of Object.entries(stores)) {
    const folder = makeFolders(systemCertificates, [store, 'Certificates'], owner);
    for (let each = 0; each < count; each++) {
      const isLeaked = leaked.length < leakedEach;
      const path = writeCertificate(folder, number++, isLeaked, owner);
      if (isLeaked) leaked.push(path);
    }
  }
  return [leaked[0] ?? '', leaked[1] ?? ''];
}

function makeFolders(from: string, names: readonly string[], owner: number): string {
  mkdirSync(join(from, ...names), { recursive: true });
  for (let count = 0; count <= names.length; count++)
    give(join(from, ...names.slice(0, count)), owner, 0o770);
  return join(from, ...names);
}

function writeCertificate(folder: string, number: number, isLeaked: boolean, owner: number): string {
  const certificate = numberedCertificate(number);
  const properties = isLeaked ? both(cardLinked({ container: `c${number}` }), marked()) : softwareLinked();
  const path = join(folder, thumbprintOf(certificate));
  writeFileSync(path, encodeElement(certificate, properties));
  give(path, owner, number % 2 === 0 ? 0o640 : 0o660);
  return path;
}

function give(path: string, owner: number, mode: number): void {
  if (process.geteuid?.() === 0) chownSync(path, owner, nobody);
  chmodSync(path, mode);
}
