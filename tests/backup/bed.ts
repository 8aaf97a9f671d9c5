/** Profiles with certificates in them, removed with a backup and restored as the cmdlets do. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { readBackup } from '../../engine/backup/read.js';
import { newBackup } from '../../engine/backup/run.js';
import { thumbprintOf } from '../../engine/certificate/x509.js';
import { findProfiles } from '../../engine/profiles/find.js';
import { openProfileStore } from '../../engine/profiles/open-store.js';
import type { PropagationResult } from '../../engine/propagation/result.js';
import type { PlannedStep } from '../../engine/propagation/step.js';
import { Backups } from '../../engine/rpc/backups.js';
import type { Parameters, StoresPlace, StreamEvent } from '../../engine/rpc/contract.js';
import { planSelected } from '../../engine/rpc/handlers/removal.js';
import { planRestored } from '../../engine/rpc/handlers/restoration.js';
import type { World } from '../../engine/rpc/world.js';
import { openStore } from '../../engine/store/open-store.js';
import { encodeElement } from '../../engine/store/serialized.js';
import { sampleDer } from '../propagation/sample.js';
import { both, cardLinked, marked } from '../propagation/stored-sample.js';
import { noSelectors } from '../../build/engine-client.js';

/** Elsewhere there is no guarded access to profiles. */
export const skipElsewhere = process.platform === 'linux' ? false : 'needs Linux';
export const skipWithoutRoot = process.geteuid?.() === 0 ? skipElsewhere : 'needs root';

export const rsa = thumbprintOf(sampleDer('user-rsa'));
export const ec = thumbprintOf(sampleDer('user-ec'));

export const elements = {
  [rsa]: encodeElement(sampleDer('user-rsa'), both(cardLinked(), marked())),
  [ec]: encodeElement(sampleDer('user-ec'), marked()),
} as const;

export function certificateFile(profile: string, thumbprint: string, storeName = 'My'): string {
  const stores = join(profile, 'AppData', 'Roaming', 'Microsoft', 'SystemCertificates');
  return join(stores, storeName, 'Certificates', thumbprint);
}

export function keyFile(profile: string, name: string): string {
  return join(dirname(dirname(certificateFile(profile, rsa))), 'Keys', name);
}

export async function put(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, bytes, { mode: 0o600 });
}

/** The profiles `ada`, with two certificates from cards, and `bob`, with one in the store Request. */
export async function makeProfiles(root: string): Promise<void> {
  await put(certificateFile(join(root, 'ada'), rsa), elements[rsa] ?? new Uint8Array());
  await put(certificateFile(join(root, 'ada'), ec), elements[ec] ?? new Uint8Array());
  await put(certificateFile(join(root, 'bob'), ec, 'Request'), elements[ec] ?? new Uint8Array());
}

/** Kind, content, owner and mode of everything below a folder. */
export async function treeOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { uid, gid, mode } = await lstat(path);
    const content = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : '';
    found[relative(folder, path)] = [uid, gid, mode.toString(8), content].join(' ');
  }
  return found;
}

export interface Outcome {
  readonly results: readonly PropagationResult[];
  /** Identifiers of errors and warnings. */
  readonly problems: readonly string[];
}

const unused = (): never => {
  throw new Error('not in this test');
};

const world: World = {
  ...{ readers: { list: unused, changes: unused, use: unused, close: unused, settled: unused } },
  ...{
    openStore,
    findProfiles,
    openProfileStore,
    readBackup,
    newBackup: (folder) => newBackup(folder, Date.now),
    ...{ keepCardCertificate: unused, readCertificateFile: unused, readManagementKeyFile: unused },
  },
  currentUser: () => Promise.resolve({ userName: null, profilePath: null }),
  hives: { isLoaded: unused, openStore: unused },
  startProfileThreads: null,
  ...{ allProfiles: unused, entriesIn: unused, readPkcs11: unused, defaultPkcs11Module: unused },
  ...{ keyProviders: null, cardCache: null, policies: { read: unused }, isRemoteSession: unused },
  ...{ machine: null, readRdpFile: unused, defaultRdpFile: unused },
  ...{ isElevated: unused, version: '0.1.0', now: Date.now },
};

export function profilesIn(root: string): StoresPlace {
  return { kind: 'Profiles', paths: [join(root, '*')] };
}

/** Plans the removal of all that came from cards, and carries it out. */
export async function remove(
  storePlace: StoresPlace,
  backupFolder: string,
  changes: Partial<Parameters<'removal/plan'>> = {},
): Promise<Outcome> {
  return carryOut((context) => planRemoval(storePlace, backupFolder, context, changes));
}

export async function planRemoval(
  storePlace: StoresPlace,
  backupFolder: string,
  context = silent(),
  changes: Partial<Parameters<'removal/plan'>> = {},
): Promise<readonly PlannedStep[]> {
  const parameters: Parameters<'removal/plan'> = {
    ...{ ...noSelectors, progressToken: 1, storePlace, storeNames: ['My', 'Request'] },
    ...{ trace: 'None', named: false, roots: false, evidence: 'Mark' },
    backup: { folder: backupFolder, run: '1' },
    ...changes,
  };
  return planSelected(world, new Backups(world.newBackup), parameters, context);
}

export async function restore(
  backupPath: string,
  storePlace: StoresPlace,
  thumbprints: readonly string[] | null = null,
): Promise<Outcome> {
  const wanted = thumbprints === null ? null : [...thumbprints];
  const parameters: Parameters<'restoration/plan'> = {
    ...{ progressToken: 1, trace: 'None' },
    ...{ backupPath, storePlace, thumbprints: wanted },
  };
  return carryOut((context) => planRestored(world, parameters, context));
}

interface Context {
  readonly signal: AbortSignal;
  readonly stream: (event: StreamEvent) => Promise<void>;
}

function silent(): Context {
  return { signal: new AbortController().signal, stream: () => Promise.resolve() };
}

async function carryOut(plan: (context: Context) => Promise<readonly PlannedStep[]>): Promise<Outcome> {
  const problems: string[] = [];
  const results: PropagationResult[] = [];
  const stream = (event: StreamEvent): Promise<void> => {
    if ('error' in event) problems.push(event.error.id);
    return Promise.resolve();
  };
  for (const { apply } of await plan({ ...silent(), stream })) {
    const { result, error } = await apply();
    results.push(result);
    if (error !== null) problems.push(error.id);
  }
  return { results, problems };
}

/** The run's folder, as the results say it. */
export function runOf({ results }: Outcome): string {
  const path = results.find(({ backupPath }) => backupPath !== null)?.backupPath ?? null;
  if (path === null) throw new Error('Nothing was removed');
  return path;
}

/** In short. */
export function said({ results }: Outcome): readonly string[] {
  return results.map(({ action, reason }) => `${action} ${reason}`);
}
