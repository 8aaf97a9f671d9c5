/** Where certificates are looked for: one place, or the profiles of many users. */
import type { BackupPlace } from '../backup/backup.js';
import { profileBackupPlace, storeBackupPlace } from '../backup/place.js';
import { CertPropError } from '../errors.js';
import type { CurrentUser } from '../policy/current-user.js';
import { breathe } from '../profiles/breath.js';
import { comparablePath, isSkipped, type Profile } from '../profiles/profile.js';
import type { FoundStore, StoreOwner } from '../propagation/found-store.js';
import type { StorePlace } from '../store/place.js';
import type { CertificateStore } from '../store/store.js';
import { visible } from '../text.js';
import type { Parameters, StoresPlace } from './contract.js';
import type { EventQueue } from './events.js';
import { startProgress } from './progress.js';
import type { World } from './world.js';

/** One place, or one profile. */
export interface StoreSource {
  readonly owner: StoreOwner;
  /** Null for a profile. */
  readonly place: StorePlace | null;
  /** Null for a place. */
  readonly profile: Profile | null;
  /** The readers that this process sees are those of the stores' owner. */
  readonly seesReaders: boolean;
  /** Where the stores of a name lie: a signed-in user has some in the profile's folder, and some in the registry. */
  readonly parts: readonly StorePart[];
}

export interface StorePart {
  readonly owner: StoreOwner;
  readonly place: FoundStore['place'];
  /** False where the owner would have to be signed in. */
  readonly isThere: () => Promise<boolean>;
  readonly open: (storeName: string) => Promise<CertificateStore>;
  /** As a backup remembers it. */
  readonly backupPlace: BackupPlace;
}

/**
 * The sources that are meant. Profiles that may not be entered are told and passed over.
 * @throws CertPropError ProfileNotFound, ProfilesUnavailable; ReadersNotVisible where `notOnCard` can't be answered for one of them
 */
export async function storeSources(
  world: World,
  { storePlace, notOnCard }: Pick<Parameters<'inventory/list'>, 'storePlace' | 'notOnCard'>,
  out: EventQueue,
  signal: AbortSignal,
): Promise<AsyncGenerator<StoreSource>> {
  if (isOnePlace(storePlace)) return onePlace(world, storePlace);
  const profiles = await meantProfiles(world, storePlace, out, signal);
  const user = await world.currentUser();
  const other = profiles.find((profile) => !isOwn(profile, user));
  if (notOnCard && other !== undefined) throw readersNotVisible(other);
  const roaming = profiles.filter(({ isRoaming }) => isRoaming === true);
  if (roaming.length > 0) out.problem(roamingProfiles(roaming), 'warning');
  return profileSources(world, profiles, user, out, signal);
}

/** With progress. */
async function* profileSources(
  world: World,
  profiles: readonly Profile[],
  user: CurrentUser,
  out: EventQueue,
  signal: AbortSignal,
): AsyncGenerator<StoreSource> {
  const progress = startProgress(out, 'Looking through profiles', profiles.length);
  for (const [done, profile] of profiles.entries()) {
    // Profiles are read without a pause; a cancellation has to be heard in between.
    await breathe();
    signal.throwIfAborted();
    progress.tell(done);
    await out.room();
    yield profileSource(world, profile, user);
  }
  progress.end();
}

/** @param user whose session this is */
export function profileSource(
  world: Pick<World, 'openProfileStore' | 'hives'>,
  profile: Profile,
  user: CurrentUser,
): StoreSource {
  const seesReaders = isOwn(profile, user);
  const owner = { profilePath: profile.path, userName: seesReaders ? user.userName : profile.userName };
  const folder: StorePart = {
    ...{ owner, place: null, isThere: always },
    open: (storeName) => world.openProfileStore(profile, profileStoreName(storeName)),
    backupPlace: profileBackupPlace(profile),
  };
  return { owner, place: null, profile, seesReaders, parts: [folder, ...hiveParts(world, profile, owner)] };
}

/** None where no registry is known for the user. */
function hiveParts(
  world: Pick<World, 'hives'>,
  { sid, userName }: Profile,
  owner: StoreOwner,
): readonly StorePart[] {
  if (sid === null) return [];
  const hive: StorePart = {
    owner,
    place: { kind: 'Hive', sid },
    isThere: () => world.hives.isLoaded(sid),
    open: (storeName) => world.hives.openStore(sid, profileStoreName(storeName)),
    backupPlace: { kind: 'Hive', sid, userName },
  };
  return [hive];
}

const always = (): Promise<boolean> => Promise.resolve(true);

/** Other stores of a profile hold nothing that came from a card. */
function profileStoreName(name: string): 'My' | 'Request' {
  for (const known of ['My', 'Request'] as const)
    if (known.toLowerCase() === name.toLowerCase()) return known;
  throw new CertPropError(
    'StoreNameInvalid',
    `Of profiles only the stores My and Request are looked through, not '${visible(name)}'. Leave out -StoreName, or give one of them.`,
  );
}

type ProfilesPlace = Exclude<StoresPlace, StorePlace>;

/** The source's stores of these names, one after the other, each with the part in which it lies. */
export async function* storesIn(
  { parts }: StoreSource,
  storeNames: readonly string[],
): AsyncGenerator<FoundStore & Pick<StorePart, 'backupPlace'>> {
  for (const { owner, place, backupPlace, isThere, open } of parts) {
    if (!(await isThere())) continue;
    for (const name of storeNames) yield { store: await open(name), owner, place, backupPlace };
  }
}

export function isOnePlace(place: StoresPlace): place is StorePlace {
  return place.kind !== 'Profiles' && place.kind !== 'AllProfiles';
}

/** A folder says nothing of its owner; whoever names it answers for the readers. */
async function* onePlace(world: World, place: StorePlace): AsyncGenerator<StoreSource> {
  const isOwnPlace = place.kind !== 'Folder' && place.location === 'CurrentUser';
  const owner = { profilePath: null, userName: isOwnPlace ? (await world.currentUser()).userName : null };
  const open = (storeName: string): Promise<CertificateStore> => world.openStore(place, storeName);
  const part = { owner, place, isThere: always, open, backupPlace: storeBackupPlace(place) };
  yield { owner, place, profile: null, seesReaders: true, parts: [part] };
}

/** All of them first: how many there are is part of the progress. */
async function meantProfiles(
  world: World,
  place: ProfilesPlace,
  out: EventQueue,
  signal: AbortSignal,
): Promise<readonly Profile[]> {
  const profiles: Profile[] = [];
  let skipped = 0;
  const progress = startProgress(out, 'Looking for profiles', null);
  const all = place.kind === 'AllProfiles' ? world.allProfiles() : world.findProfiles(place.paths);
  for await (const found of all) {
    signal.throwIfAborted();
    if (isSkipped(found)) {
      skipped++;
      out.problem(new CertPropError('ProfileSkipped', found.problem, { file: found.path }), 'warning');
      await out.room();
    } else {
      profiles.push(found);
    }
    progress.tell(profiles.length);
  }
  progress.end();
  if (profiles.length + skipped === 0) throw profileNotFound(place);
  return profiles;
}

function isOwn({ path }: Profile, { profilePath }: CurrentUser): boolean {
  return profilePath !== null && comparablePath(path) === comparablePath(profilePath);
}

function profileNotFound(place: ProfilesPlace): CertPropError {
  const wanted =
    place.kind === 'AllProfiles' ? 'this system lists' : `fits ${place.paths.map(visible).join(', ')}`;
  return new CertPropError(
    'ProfileNotFound',
    `There is no profile that ${wanted}. Name the folders that hold the users' AppData, such as C:\\Users\\*.`,
  );
}

function readersNotVisible({ path }: Profile): CertPropError {
  return new CertPropError(
    'ReadersNotVisible',
    `The readers of the session to which the profile ${visible(path)} belongs can't be seen from here, so it is not known which of its certificates are on an inserted card. Nothing was removed. Leave out -NotOnCard, or run it as that user, in that user's session.`,
    { file: path },
  );
}

function roamingProfiles(roaming: readonly Profile[]): CertPropError {
  const [{ path } = { path: '' }] = roaming;
  const which = roaming.length === 1 ? visible(path) : `${visible(path)} and ${roaming.length - 1} more`;
  return new CertPropError(
    'RoamingProfile',
    `A server keeps a copy of roaming profiles (${which}): what is removed here may come back with it. Remove it from the copy too.`,
    { file: path },
  );
}
