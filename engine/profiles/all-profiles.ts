/** The profiles that Windows knows. */
import { notSupported } from './held-folder.js';
import type { Profile, SkippedProfile } from './profile.js';

/**
 * Those in ProfileList, in no particular order.
 * @throws CertPropError ProfilesUnavailable on other systems
 */
export async function* allProfiles(): AsyncIterable<Profile | SkippedProfile> {
  if (process.platform !== 'win32') throw notSupported('only Windows keeps a list of profiles');
}
