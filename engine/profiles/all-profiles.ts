/** The profiles that Windows knows. */
import { notSupported } from './held-folder.js';
import type { Profile, SkippedProfile } from './profile.js';

/** @throws CertPropError ProfilesUnavailable: reading ProfileList is not written yet */
export function allProfiles(): AsyncIterable<Profile | SkippedProfile> {
  throw notSupported("this version doesn't read Windows' list of profiles");
}
