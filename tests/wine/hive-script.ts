/**
 * Run by node.exe under Wine: carries out a HiveRequest in a user's part of the registry (argument 1: its file) and writes the answers
 * (argument 2).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { CertPropError } from '../../engine/errors.js';
import type { ExactFile, ExactFiles, GuardedStore } from '../../engine/profiles/guarded-store.js';
import { openHiveStore } from '../../engine/profiles/open-store.js';
import { isCorrupt, type CorruptEntry } from '../../engine/store/store.js';

/** Bytes are in hex. */
export type HiveOperation =
  | { readonly do: 'files' | 'thumbprints' }
  | { readonly do: 'read'; readonly name: string }
  | { readonly do: 'remove' | 'create'; readonly name: string; readonly bytes: string };

export interface HiveRequest {
  readonly sid: string;
  readonly folder: 'Certificates' | 'Keys';
  readonly operations: readonly HiveOperation[];
}

export type HiveAnswer = { readonly value: unknown } | { readonly error: string };

async function attempt(store: GuardedStore, files: ExactFiles, operation: HiveOperation): Promise<unknown> {
  switch (operation.do) {
    case 'files':
      return collect(files.files(), plain);
    case 'thumbprints':
      return collect(store.entries(), (entry) => (isCorrupt(entry) ? entry : entry.thumbprint));
    case 'read': {
      const file = await files.readExact(operation.name);
      return file === null ? null : plain(file);
    }
    case 'remove':
      return files.removeExact(operation.name, Buffer.from(operation.bytes, 'hex'));
    case 'create':
      return files.createExact(operation.name, Buffer.from(operation.bytes, 'hex'), null);
  }
}

async function collect<T>(source: AsyncIterable<T>, shown: (item: T) => unknown): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const item of source) all.push(shown(item));
  return all;
}

function plain(file: ExactFile | CorruptEntry): unknown {
  return 'problem' in file ? file : { ...file, bytes: Buffer.from(file.bytes).toString('hex') };
}

async function answer(request: HiveRequest, operation: HiveOperation): Promise<HiveAnswer> {
  try {
    const store = await openHiveStore(request.sid, 'My');
    const files = request.folder === 'Keys' ? store.keys : store;
    return { value: await attempt(store, files, operation) };
  } catch (error) {
    if (!(error instanceof CertPropError)) throw error;
    return { error: error.id };
  }
}

async function main(): Promise<void> {
  const [requestFile = '', reportFile = ''] = process.argv.slice(2);
  const request = JSON.parse(readFileSync(requestFile, 'utf8')) as HiveRequest;
  const answers: HiveAnswer[] = [];
  for (const operation of request.operations) answers.push(await answer(request, operation));
  writeFileSync(reportFile, JSON.stringify(answers));
}

void main();
