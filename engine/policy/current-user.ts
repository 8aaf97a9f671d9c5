import { userInfo, type UserInfo } from 'node:os';
import { isServicesSession } from './session.js';

export interface CurrentUser {
  /** Null where the system has no name for the user. */
  readonly userName: string | null;
  /** The profile of the user whose session this is; null where the session is nobody's, such as that of services. */
  readonly profilePath: string | null;
}

/** Whom this process runs as, as the operating system says it; what the environment says counts for nothing. */
export async function currentUser(): Promise<CurrentUser> {
  const account = accountOrNull();
  const isNobodys = account === null || (await isServicesSession());
  return { userName: account?.username ?? null, profilePath: isNobodys ? null : account.homedir };
}

/** Null for a user whom the system doesn't list, such as one that a container was started as. */
function accountOrNull(): UserInfo<string> | null {
  try {
    return userInfo({ encoding: 'utf8' });
  } catch {
    return null;
  }
}
