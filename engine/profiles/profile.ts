/** Users' profile folders. */
import { resolve } from 'node:path';

/** One user's profile root: a folder that holds `AppData`. */
export interface Profile {
  readonly path: string;
  /** The folder's name: the user's, as far as the folder tells (outside text). */
  readonly userName: string;
  /** Null when it is not known. */
  readonly sid: string | null;
  /** A server keeps a copy, which may come back. Null when it is not known. */
  readonly isRoaming: boolean | null;
}

/** What is no profile that may be entered, and why. */
export interface SkippedProfile {
  readonly path: string;
  /** A sentence for a person, safe to show, that names the path. */
  readonly problem: string;
}

/** The same for two ways to write a full path, as far as the path tells: case is not told apart where file names have none. */
export function comparablePath(path: string): string {
  const full = resolve(path);
  return process.platform === 'win32' ? full.toLowerCase() : full;
}

export function isSkipped(found: Profile | SkippedProfile): found is SkippedProfile {
  return 'problem' in found;
}
