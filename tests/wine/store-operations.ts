/** What tests do to a store, as JSON: on Linux to the profile store, under Wine to crypt32's, with the same answers. */
import { CertPropError } from '../../engine/errors.js';
import type { StoreLocation } from '../../engine/store/place.js';
import {
  isCorrupt,
  type AddDisposition,
  type CertificateStore,
  type Properties,
  type StoreEntry,
} from '../../engine/store/store.js';

/** Property id to value in hex. */
export type PropertyList = readonly (readonly [id: number, value: string])[];

export type StoreOperation =
  | {
      readonly do: 'add';
      /** DER in base64. */
      readonly certificate: string;
      readonly properties: PropertyList;
      readonly disposition: AddDisposition;
    }
  | { readonly do: 'find' | 'remove' | 'keep'; readonly thumbprint: string }
  | { readonly do: 'list' };

/** An entry by its thumbprint; the properties are sorted by their ids. */
export interface PlainEntry {
  readonly thumbprint: string;
  readonly certificate: string;
  readonly properties: PropertyList;
}

export type StoreAnswer =
  | { readonly value: unknown }
  | { readonly error: { readonly id: string; readonly thumbprint: string | null } };

/** What the script under Wine is asked. */
export interface StoreRequest {
  readonly location: StoreLocation;
  readonly store: string;
  readonly operations: readonly StoreOperation[];
}

export interface StoreReport {
  readonly answers: readonly StoreAnswer[];
  /** Stores and certificate contexts that were opened and neither closed nor freed. */
  readonly leftOpen: number;
}

export async function perform(store: CertificateStore, operation: StoreOperation): Promise<StoreAnswer> {
  try {
    return { value: await attempt(store, operation) };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    return { error: { id: error.id, thumbprint: error.details.thumbprint ?? null } };
  }
}

async function attempt(store: CertificateStore, operation: StoreOperation): Promise<unknown> {
  switch (operation.do) {
    case 'add':
      return store.add(
        Buffer.from(operation.certificate, 'base64'),
        new Map(operation.properties.map(([id, value]) => [id, Buffer.from(value, 'hex')])),
        operation.disposition,
      );
    case 'find': {
      const entry = await store.find(operation.thumbprint);
      return entry === null ? null : plain(entry);
    }
    case 'remove':
      return store.remove(operation.thumbprint, () => true);
    case 'keep':
      return store.remove(operation.thumbprint, () => false);
    case 'list':
      return list(store);
  }
}

async function list(store: CertificateStore): Promise<unknown[]> {
  const entries: { name: string; entry: unknown }[] = [];
  for await (const entry of store.entries()) {
    if (isCorrupt(entry)) entries.push({ name: entry.name, entry });
    else entries.push({ name: entry.thumbprint, entry: plain(entry) });
  }
  return entries.sort((a, b) => a.name.localeCompare(b.name)).map(({ entry }) => entry);
}

export function plain({ thumbprint, certificate, properties }: StoreEntry): PlainEntry {
  return {
    thumbprint,
    certificate: Buffer.from(certificate).toString('base64'),
    properties: sortedList(properties),
  };
}

export function sortedList(properties: Properties): PropertyList {
  return [...properties]
    .map(([id, value]) => [id, Buffer.from(value).toString('hex')] as const)
    .sort(([a], [b]) => a - b);
}
