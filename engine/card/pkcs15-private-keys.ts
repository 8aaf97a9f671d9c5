/** The private keys that a PKCS #15 card lists, and the one that a certificate belongs to. */
import type { KeySpec, UnreadableFile } from './card.js';
import {
  directoryTags,
  keyUsage,
  parsePrivateKeyObject,
  type Directory,
  type ListedPrivateKey,
} from './pkcs15-directory.js';
import type { ListObjects } from './pkcs15-objects.js';
import { statusWords } from './status-word.js';

export interface ListedPrivateKeys {
  readonly keys: readonly ListedPrivateKey[];
  /** False when the card may have keys that it does not list without the PIN, or that can't be read. */
  readonly areAll: boolean;
  readonly problems: readonly UnreadableFile[];
}

/** @throws all that `transmit` throws */
export async function readPrivateKeys(
  directories: readonly Directory[],
  list: ListObjects,
  application: string,
): Promise<ListedPrivateKeys> {
  const keys: ListedPrivateKey[] = [];
  const obstacles: UnreadableFile[] = [];
  for (const directory of directories.filter(({ tag }) => tag === directoryTags.privateKeys)) {
    for (const entry of await list(directory, (object) => parsePrivateKeyObject(object, application))) {
      if ('error' in entry) obstacles.push(entry);
      else keys.push(entry.object);
    }
  }
  const problems = obstacles.filter(
    ({ error }) => error.details.statusWord !== statusWords.securityStatusNotSatisfied,
  );
  return { keys, areAll: obstacles.length === 0, problems };
}

/** A key that may sign and do nothing else is a signature key to Windows, any other a key exchange key. */
export function keySpecOf({ usage }: ListedPrivateKey): KeySpec {
  const signs = [keyUsage.sign, keyUsage.signRecover, keyUsage.nonRepudiation].some((use) => usage.has(use));
  const exchanges = [keyUsage.decrypt, keyUsage.unwrap, keyUsage.derive].some((use) => usage.has(use));
  return signs && !exchanges ? 'Signature' : 'KeyExchange';
}
