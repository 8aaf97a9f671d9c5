/** Which container of a GIDS card a certificate belongs to. */
import { readKeyMap, readPublicKey, type Gids } from '../card/gids.js';
import type { KeySpec } from '../card/card.js';
import {
  deletedContainerRecord,
  isDefaultContainer,
  isValidContainer,
  newContainerRecord,
  type ContainerMapRecord,
} from '../card/minidriver/cmapfile.js';
import { isObjectError } from '../card/object-error.js';
import { keySizeBits } from '../certificate/key-size.js';
import { samePublicKey, type PublicKey } from '../certificate/public-key.js';
import type { KeyTarget } from './card-change.js';
import { containerNotFound, keyNotOnCard, keySpecMismatch } from './card-change-error.js';

export interface ChosenContainer {
  readonly index: number;
  readonly name: string;
  readonly keySpec: KeySpec;
  /** With the container in it; null where it is in the card's map already. */
  readonly newMap: readonly ContainerMapRecord[] | null;
}

/**
 * @param key the certificate's; null for an algorithm that no card here knows
 * @param newName the name for a container that the card's map doesn't have yet
 * @throws CertPropError KeyNotOnCard, ContainerNotFound, KeySpecMismatch; what reading the card throws
 */
export async function chooseContainer(
  gids: Gids,
  key: PublicKey | null,
  target: KeyTarget,
  newName: string,
): Promise<ChosenContainer> {
  const map = await gids.containerMap();
  const index =
    target.container === null ? await indexOfKey(gids, map, key) : indexNamed(gids, map, target.container);
  if (index !== null) {
    const isKnown = target.container === null || target.force || (await hasKey(gids, index, key));
    if (!isKnown) throw keyNotOnCard(gids.card, true);
    return completed(gids, map, index, key, target.keySpec);
  }
  const unnamed = key === null ? null : await unnamedKey(gids, map, key);
  if (unnamed === null || key === null) throw keyNotOnCard(gids.card, true);
  const { keySpec } = unnamed;
  if ((target.keySpec ?? keySpec) !== keySpec) throw keySpecMismatch(gids.card, newName);
  const record = newContainerRecord(newName, keySpec, keySizeBits(key), !map.some(isDefaultContainer));
  return { index: unnamed.index, name: newName, keySpec, newMap: withRecord(map, unnamed.index, record) };
}

async function indexOfKey(
  gids: Gids,
  map: readonly ContainerMapRecord[],
  key: PublicKey | null,
): Promise<number | null> {
  for (const index of likelyFirst(map, key)) if (await hasKey(gids, index, key)) return index;
  return null;
}

/** The valid containers; those that say to have a key of the wanted size come first. */
function likelyFirst(map: readonly ContainerMapRecord[], key: PublicKey | null): number[] {
  const size = key === null ? 0 : keySizeBits(key);
  const isLikely = (index: number): number =>
    map[index]?.keyExchangeKeySizeBits === size || map[index]?.signatureKeySizeBits === size ? 0 : 1;
  return map
    .flatMap((record, index) => (isValidContainer(record) ? [index] : []))
    .sort((a, b) => isLikely(a) - isLikely(b));
}

/** By name, else by number. @throws CertPropError ContainerNotFound */
function indexNamed(gids: Gids, map: readonly ContainerMapRecord[], wanted: string): number {
  const valid = map.flatMap((record, index) =>
    isValidContainer(record) ? [{ index, name: record.name }] : [],
  );
  const found =
    valid.find(({ name }) => name.toLowerCase() === wanted.toLowerCase()) ??
    valid.find(({ index }) => String(index) === wanted);
  if (found === undefined)
    throw containerNotFound(
      gids.card,
      wanted,
      valid.map(({ name }) => name),
    );
  return found.index;
}

/** A container whose key the card doesn't give is not the one. */
async function hasKey(gids: Gids, index: number, key: PublicKey | null): Promise<boolean> {
  if (key === null) return false;
  try {
    return samePublicKey(await readPublicKey(gids, index), key);
  } catch (error) {
    if (isObjectError(error)) return false;
    throw error;
  }
}

/** A key that was made on the card, and never put into its container map. */
async function unnamedKey(
  gids: Gids,
  map: readonly ContainerMapRecord[],
  key: PublicKey,
): Promise<{ index: number; keySpec: KeySpec } | null> {
  for (const record of await readKeyMap(gids)) {
    const named = map[record.index];
    if (named !== undefined && isValidContainer(named)) continue;
    if (await hasKey(gids, record.index, key)) return record;
  }
  return null;
}

/** Fills in the size of the key where the container's record has none. */
function completed(
  gids: Gids,
  map: readonly ContainerMapRecord[],
  index: number,
  key: PublicKey | null,
  wanted: KeySpec | null,
): ChosenContainer {
  const record = map[index] ?? deletedContainerRecord;
  const { name } = record;
  const specs = keySpecsOf(record);
  const keySpec = wanted ?? specs[0] ?? 'KeyExchange';
  if (specs.includes(keySpec)) return { index, name, keySpec, newMap: null };
  if (specs.length > 0) throw keySpecMismatch(gids.card, name);
  const size = key === null ? 0 : keySizeBits(key);
  const filled = newContainerRecord(name, keySpec, size, isDefaultContainer(record));
  return { index, name, keySpec, newMap: size === 0 ? null : withRecord(map, index, filled) };
}

function keySpecsOf(record: ContainerMapRecord): KeySpec[] {
  return [
    ...(record.keyExchangeKeySizeBits > 0 ? (['KeyExchange'] as const) : []),
    ...(record.signatureKeySizeBits > 0 ? (['Signature'] as const) : []),
  ];
}

/** What lies between the map's end and the record are deleted containers. */
function withRecord(
  map: readonly ContainerMapRecord[],
  index: number,
  record: ContainerMapRecord,
): ContainerMapRecord[] {
  const length = Math.max(map.length, index + 1);
  return Array.from({ length }, (_, at) => (at === index ? record : (map[at] ?? deletedContainerRecord)));
}
