/** What lies in the stores of a profile. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { originOf } from '../../engine/propagation/origin.js';
import { profileStore } from '../../engine/store/profile.js';
import { propertyId } from '../../engine/store/property-id.js';
import { decodeText } from '../../engine/store/serialized.js';
import { isCorrupt, type StoreEntry } from '../../engine/store/store.js';
import { collect } from '../support/collect.js';
import { storeNames, type StoreName } from './hooks.js';

export interface StoreState {
  /** By their keys: every certificate that can be read. */
  readonly entries: ReadonlyMap<string, { readonly friendlyName: string | null }>;
  /** Whatever isn't as the engine writes it, each a sentence. */
  readonly damage: readonly string[];
  /** The temporary files of dead processes. */
  readonly strays: readonly string[];
}

/** One certificate in one store: `My <THUMBPRINT>`. */
export function keyOf(store: string, thumbprint: string): string {
  return `${store} ${thumbprint}`;
}

export function storeFolder(storePath: string, store: StoreName): string {
  return join(storePath, 'SystemCertificates', store);
}

export async function readStores(storePath: string): Promise<StoreState> {
  const states = await Promise.all(storeNames.map((store) => readStore(storePath, store)));
  return {
    entries: new Map(states.flatMap(({ entries }) => [...entries])),
    damage: states.flatMap(({ damage }) => damage),
    strays: states.flatMap(({ strays }) => strays),
  };
}

async function readStore(storePath: string, store: StoreName): Promise<StoreState> {
  const folder = storeFolder(storePath, store);
  const beside = (await namesIn(folder)).filter((name) => name !== 'Certificates');
  const files = await namesIn(join(folder, 'Certificates'));
  const all = existsSync(storePath) ? await collect(profileStore(storePath, store).entries()) : [];
  const readable = all.flatMap((entry) => (isCorrupt(entry) ? [] : [entry]));
  return {
    entries: new Map(readable.map((entry) => [keyOf(store, entry.thumbprint), summaryOf(entry)])),
    damage: [
      ...all.filter(isCorrupt).map(({ problem }) => problem),
      ...readable.flatMap((entry) => flawOf(store, entry) ?? []),
      ...files.filter((name) => !isEntry(name)).map((name) => `${store} holds the file ${name}`),
      ...beside
        .filter((name) => !isTemporary(name))
        .map((name) => `Beside the certificates of ${store} is ${name}`),
    ],
    strays: beside.filter(isTemporary).map((name) => `${store}: ${name}`),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

function isEntry(name: string): boolean {
  return /^[0-9A-F]{40}$/u.test(name);
}

function isTemporary(name: string): boolean {
  return /^CertProp-[0-9a-f]{32}\.tmp$/u.test(name);
}

function summaryOf({ properties }: StoreEntry): { readonly friendlyName: string | null } {
  const name = properties.get(propertyId.friendlyName);
  return { friendlyName: name === undefined ? null : decodeText(name) };
}

/** All that the soak's stores hold was propagated: it bears the mark, and what is personal leads to its key. */
function flawOf(store: StoreName, entry: StoreEntry): string | null {
  const { kind, mark } = originOf(entry);
  if (mark === null) return `${keyOf(store, entry.thumbprint)} has no mark`;
  return store === 'My' && kind !== 'SmartCard' ? `${keyOf(store, entry.thumbprint)} has no key link` : null;
}
