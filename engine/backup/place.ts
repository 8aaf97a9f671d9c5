/** Which of the places that an administrator names are those in a backup. */
import { hash } from 'node:crypto';
import { comparablePath, type Profile } from '../profiles/profile.js';
import type { StorePlace } from '../store/place.js';
import type { BackupPlace } from './backup.js';

export function profileBackupPlace({ path, sid, userName }: Profile): BackupPlace {
  return { kind: 'Profile', root: rootOf(path), sid, userName };
}

export function storeBackupPlace(place: StorePlace): BackupPlace {
  return place.kind === 'Folder' ? { kind: 'Folder', root: rootOf(place.path) } : place;
}

function rootOf(path: string): string {
  return hash('sha256', comparablePath(path), 'hex');
}

/** `Ambiguous`: several places fit as well. */
export type Match<T> = T | 'None' | 'Ambiguous';

/**
 * Where what lay in `kept` belongs. The same place, but never a folder that is another user's by now; else the profile of the same user
 * by its SID; else the one of that name, if it is the only one both in the backup and among those given. What lay in one place alone goes
 * into the one folder that is given.
 * @param all the places in the backup, each once
 */
export function matchPlace<T extends { readonly backupPlace: BackupPlace }>(
  kept: BackupPlace,
  all: readonly BackupPlace[],
  given: readonly T[],
): Match<T> {
  const same = given.find(({ backupPlace }) => isSame(kept, backupPlace));
  if (same !== undefined) return same;
  const [first, ...others] = given
    .filter(({ backupPlace }) => fits(kept, backupPlace, all.length === 1))
    .filter(({ backupPlace }) => !all.some((other) => isSame(other, backupPlace)));
  if (first === undefined) return 'None';
  const rivals = all.filter((other) => other !== kept && fits(other, first.backupPlace, false));
  return others.length + rivals.length === 0 ? first : 'Ambiguous';
}

function isSame(kept: BackupPlace, given: BackupPlace): boolean {
  switch (kept.kind) {
    case 'Profile':
      return given.kind === 'Profile' && (isSameUser(kept, given) ?? kept.root === given.root);
    case 'Folder':
      return given.kind === 'Folder' && kept.root === given.root;
    case 'Hive':
      return given.kind === 'Hive' && kept.sid === given.sid;
    default:
      return given.kind === kept.kind && given.location === kept.location;
  }
}

function fits(kept: BackupPlace, given: BackupPlace, isOnlyOne: boolean): boolean {
  if (given.kind === 'Folder') return isOnlyOne && 'root' in kept;
  if (kept.kind !== 'Profile' || given.kind !== 'Profile') return false;
  const isSameName = kept.userName.toLowerCase() === given.userName.toLowerCase();
  return isSameName && isSameUser(kept, given) === null;
}

type ProfilePlace = Extract<BackupPlace, { kind: 'Profile' }>;

/** Null where one of the SIDs is not known. */
function isSameUser(kept: ProfilePlace, given: ProfilePlace): boolean | null {
  return kept.sid === null || given.sid === null ? null : kept.sid === given.sid;
}
