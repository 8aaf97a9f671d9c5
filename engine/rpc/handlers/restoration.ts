import type { BackupPlace, StoredBackup, StoredCertificateBackup } from '../../backup/backup.js';
import { matchPlace } from '../../backup/place.js';
import { CertPropError } from '../../errors.js';
import { notInBackup, planRestoration } from '../../propagation/restoration.js';
import type { PlannedStep } from '../../propagation/step.js';
import { visible } from '../../text.js';
import type { Parameters } from '../contract.js';
import { EventQueue } from '../events.js';
import type { RequestContext } from '../handler.js';
import { streamPreviews } from '../previews.js';
import { type StorePart, storeSources } from '../store-sources.js';
import type { World } from '../world.js';

/** Plans to put back what a backup holds of the places that are given; streams each step's preview. */
export async function planRestored(
  world: World,
  parameters: Parameters<'restoration/plan'>,
  context: RequestContext,
): Promise<readonly PlannedStep[]> {
  const { signal } = context;
  const out = new EventQueue(context);
  const backup = await world.readBackup(parameters.backupPath);
  if (backup.damagedLines > 0) out.problem(damagedLines(backup), 'warning');
  const given: StorePart[] = [];
  for await (const source of await storeSources(world, { ...parameters, notOnCard: false }, out, signal))
    given.push(...source.parts);
  return streamPreviews(stepsOf(backup, given, parameters, out, signal), out);
}

async function* stepsOf(
  backup: StoredBackup,
  given: readonly StorePart[],
  { thumbprints }: Parameters<'restoration/plan'>,
  out: EventQueue,
  signal: AbortSignal,
): AsyncGenerator<PlannedStep> {
  const wanted = thumbprints === null ? null : new Set(thumbprints);
  const certificates = backup.certificates.filter(({ thumbprint }) => wanted?.has(thumbprint) ?? true);
  const places = byPlace(certificates);
  const all = places.map(({ place }) => place);
  let isMet = places.length === 0;
  for (const { place, stores } of places) {
    const part = matchPlace(place, all, given);
    if (part === 'None') continue;
    isMet = true;
    if (part === 'Ambiguous') out.problem(ambiguous(backup, place), 'warning');
    else yield* restore(part, stores);
  }
  if (!isMet) out.problem(placesNotGiven(backup, all), 'warning');
  const found = new Set(certificates.map(({ thumbprint }) => thumbprint));
  for (const thumbprint of wanted ?? [])
    if (!found.has(thumbprint)) yield notInBackup(thumbprint, backup.path);

  async function* restore({ owner, open }: StorePart, stores: Stores): AsyncGenerator<PlannedStep> {
    for (const [storeName, kept] of stores) {
      const store = await open(storeName);
      yield* planRestoration({ store, owner, certificates: kept, backupPath: backup.path }, signal);
    }
  }
}

/** By the store's name. */
type Stores = ReadonlyMap<string, readonly StoredCertificateBackup[]>;

interface PlaceContents {
  readonly place: BackupPlace;
  readonly stores: Stores;
}

/** In the order of the backup. */
function byPlace(certificates: readonly StoredCertificateBackup[]): readonly PlaceContents[] {
  const places = grouped(certificates, ({ place }) => JSON.stringify(place));
  return [...places.values()].flatMap((some) => {
    const [first] = some;
    return first === undefined
      ? []
      : [{ place: first.place, stores: grouped(some, ({ storeName }) => storeName) }];
  });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
}

function damagedLines({ path, damagedLines: count }: StoredBackup): CertPropError {
  const lines = count === 1 ? 'A line' : `${count} lines`;
  return new CertPropError(
    'BackupDamaged',
    `${lines} of the backup's index in ${visible(path)} can't be read; what belongs to it is not restored.`,
    { file: path },
  );
}

function placesNotGiven({ path }: StoredBackup, places: readonly BackupPlace[]): CertPropError {
  const [first, ...others] = places.map(placeTitle);
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  return new CertPropError(
    'BackupPlaceNotGiven',
    `Nothing is restored: what the backup ${visible(path)} holds came from ${which}, which is not among the places given. Give them with -ProfilePath, -AllProfiles, -StorePath or -StoreLocation.`,
    { file: path },
  );
}

function placeTitle(place: BackupPlace): string {
  switch (place.kind) {
    case 'Profile':
      return `the profile ${visible(place.userName)}`;
    case 'Hive':
      return `the registry of ${visible(place.userName)}`;
    case 'Folder':
      return 'a folder (-StorePath)';
    case 'System':
      return `Windows' own stores (-StoreLocation ${place.location})`;
    case 'DotNet':
      return `the stores of .NET (-StoreLocation ${place.location})`;
  }
}

function ambiguous({ path }: StoredBackup, place: BackupPlace): CertPropError {
  return new CertPropError(
    'BackupAmbiguous',
    `Of the places in the backup ${visible(path)} and of those given, several fit ${placeTitle(place)}, so nothing of it is restored. Give the one that is meant alone, with -ProfilePath or -StorePath.`,
    { file: path },
  );
}
